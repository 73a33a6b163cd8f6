"""The figures of a report, as SVG: each drawn for wide screens and for narrow ones."""
