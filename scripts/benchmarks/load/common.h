/* What the upstream and the client share: the clock that stamps are of, and how they give up. */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A stamp in a token: '@', so many digits of nanoseconds, a space. */
#define STAMP_DIGITS 16

#define SECOND 1000000000LL

static inline int64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * SECOND + now.tv_nsec;
}

/* The same for all processes of a machine. */
static inline int64_t now_ns(void) { return clock_ns(CLOCK_MONOTONIC); }

/* What this process has cost. */
static inline int64_t cpu_ns(void) { return clock_ns(CLOCK_PROCESS_CPUTIME_ID); }

static inline _Noreturn void give_up(const char *why)
{
    fprintf(stderr, "%s: %s\n", why, errno ? strerror(errno) : "see above");
    exit(1);
}

static inline int checked(int result, const char *what)
{
    if (result < 0) give_up(what);
    return result;
}
