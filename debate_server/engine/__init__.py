"""One debate: the story of it, one turn in it, and the runner that owns the tasks."""
