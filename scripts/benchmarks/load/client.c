/* Viewers that cost next to nothing: so many streams of server-sent events, and how long each token was underway.
 *
 *   client PORT PATH VIEWERS RAMP SECONDS PID
 *
 * It opens VIEWERS streams of PATH on this machine over RAMP seconds, lets them settle (or end) and prints "ready". Then,
 * for every line on its stdin, it counts for SECONDS: the tokens that come, how old their stamps are, the CPU that process
 * PID (the server) has meanwhile, and its own. That is printed as one line of JSON. With its stdin it ends.
 *
 * A stream that is refused ends it all. It tells how many have ended; of those how many are whole (all events of a debate,
 * from the first one to "done"); how many are torn (one is missing, or came twice, or out of order); and how many were
 * not answered yet when it began to count. It never waits for one viewer alone, not even to connect: what came for the
 * others meanwhile would look as if it had been underway.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"

#define SETTLE (2 * SECOND)
#define LINE_BYTES 512 /* kept of a line: a token has less */

/* What comes next of a response. A body without chunks is one that does not end. */
typedef enum { HEAD, SIZE, CHUNK, AFTER_CHUNK } Part;

typedef struct {
    int fd;
    Part part;
    bool asked, answered, chunked, over, done, torn;
    long left; /* bytes of the chunk */
    long seq;  /* of the event that came last */
    int have;
    char line[LINE_BYTES + 1];
} Viewer;

static Viewer *viewers;
static int poll_, wanted, ended, whole, torn;
static enum { NOTHING, A_LINE, ITS_END } told; /* what came on stdin */
static char request[2048];
static int request_size;
static bool counting;
static int64_t *ages; /* of the tokens that were counted, in nanoseconds */
static size_t count, room;

static bool begins(const char *line, const char *with) { return !strncmp(line, with, strlen(with)); }

/* Whose events have no ids is not looked after. */
static void note_id(Viewer *viewer)
{
    const char *seq = strrchr(viewer->line, '.');
    if (!seq) return;
    if (atol(seq + 1) != viewer->seq + 1 && !viewer->torn) {
        viewer->torn = true;
        torn++;
    }
    viewer->seq = atol(seq + 1);
}

static void note(Viewer *viewer, int64_t now)
{
    const char *line = viewer->line, *stamp;
    if (begins(line, "id: ")) note_id(viewer);
    if (begins(line, "data: {\"type\":\"done\"")) viewer->done = true;
    if (!counting || !begins(line, "data:") || !strstr(line, "\"token\"") || !(stamp = strstr(line, "\"@"))) return;
    if (count == room) ages = realloc(ages, (room = room ? 2 * room : 1 << 16) * sizeof *ages);
    ages[count++] = now - strtoll(stamp + 2, NULL, 10);
}

static void heed(Viewer *viewer)
{
    if (!viewer->answered) {
        viewer->answered = true;
        if (strstr(viewer->line, " 200 ")) return;
        fprintf(stderr, "a stream was refused: %s\n", viewer->line);
        exit(1);
    }
    if (!strcasecmp(viewer->line, "transfer-encoding: chunked")) viewer->chunked = true;
    if (*viewer->line) return;
    viewer->part = viewer->chunked ? SIZE : CHUNK;
    viewer->left = viewer->chunked ? 0 : __LONG_MAX__;
}

/* Bytes of lines, which may be cut anywhere; past the last line of the head they are left to be read. How many. */
static long take(Viewer *viewer, const char *bytes, long size, int64_t now)
{
    Part part = viewer->part;
    long at = 0;
    while (at < size && viewer->part == part) {
        const char *stop = memchr(bytes + at, '\n', size - at);
        long length = (stop ? stop - bytes : size) - at;
        long kept = length < LINE_BYTES - viewer->have ? length : LINE_BYTES - viewer->have;
        memcpy(viewer->line + viewer->have, bytes + at, kept);
        viewer->have += kept;
        at += length + !!stop;
        if (!stop) break;
        if (viewer->have && viewer->line[viewer->have - 1] == '\r') viewer->have--;
        viewer->line[viewer->have] = 0;
        viewer->have = 0;
        if (part == HEAD) heed(viewer);
        else note(viewer, now);
    }
    return at;
}

static void read_on(Viewer *viewer, const char *at, const char *end, int64_t now)
{
    while (at < end && !viewer->over) {
        long most = end - at;
        switch (viewer->part) {
        case HEAD:
            at += take(viewer, at, most, now);
            break;
        case SIZE:
            if (isxdigit(*at)) viewer->left = viewer->left * 16 + (*at <= '9' ? *at - '0' : (*at | 32) - 'a' + 10);
            if (*at++ != '\n') break;
            viewer->part = CHUNK;
            viewer->over = !viewer->left; /* the last chunk is empty */
            break;
        case CHUNK:
            most = take(viewer, at, most < viewer->left ? most : viewer->left, now);
            at += most;
            if (!(viewer->left -= most)) viewer->part = AFTER_CHUNK;
            break;
        case AFTER_CHUNK:
            if (*at++ == '\n') viewer->part = SIZE;
            break;
        }
    }
}

/* Once it is connected. */
static void ask(Viewer *viewer)
{
    struct epoll_event event = {EPOLLIN, {.ptr = viewer}};
    checked(send(viewer->fd, request, request_size, MSG_NOSIGNAL), "send");
    checked(epoll_ctl(poll_, EPOLL_CTL_MOD, viewer->fd, &event), "epoll_ctl");
    viewer->asked = true;
}

static void hear(Viewer *viewer)
{
    static char bytes[1 << 18];
    if (!viewer->asked) {
        ask(viewer);
        return;
    }
    ssize_t got = recv(viewer->fd, bytes, sizeof bytes, 0);
    int64_t now = now_ns();
    if (got < 0 && errno == EAGAIN) return;
    if (got > 0) read_on(viewer, bytes, bytes + got, now);
    if (got > 0 && !viewer->over) return;
    close(viewer->fd);
    ended++;
    whole += viewer->done && !viewer->torn;
}

static void hear_stdin(void)
{
    char word[64];
    told = read(STDIN_FILENO, word, sizeof word) > 0 ? A_LINE : ITS_END;
}

static void open_stream(Viewer *viewer, int port)
{
    struct sockaddr_in address = {AF_INET, htons(port), {htonl(INADDR_LOOPBACK)}, {0}};
    struct epoll_event event = {EPOLLOUT, {.ptr = viewer}};
    viewer->fd = checked(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
    if (connect(viewer->fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS) give_up("connect");
    checked(epoll_ctl(poll_, EPOLL_CTL_ADD, viewer->fd, &event), "epoll_ctl");
}

/* What came by then, at most so many milliseconds from now. */
static void listen_for(int ms)
{
    struct epoll_event events[256];
    int ready = epoll_wait(poll_, events, 256, ms);
    for (int i = 0; i < ready; i++)
        if (events[i].data.ptr) hear(events[i].data.ptr);
        else hear_stdin();
}

/* Hear what comes until then, or until there is nothing to come. */
static void listen_until(int64_t then)
{
    for (int64_t left; ended < wanted && (left = then - now_ns()) > 0;) listen_for(left / 1000000 + 1);
}

/* Whether it is asked to count (once more). */
static bool asked_to_count(void)
{
    while (told == NOTHING) listen_for(-1);
    bool asked = told == A_LINE;
    told = NOTHING;
    return asked;
}

/* Seconds of CPU that a process has had. */
static double cost_of(const char *pid)
{
    char path[64], text[1024];
    unsigned long user, kernel;
    snprintf(path, sizeof path, "/proc/%s/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file) give_up(path);
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    sscanf(strrchr(text, ')') + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel);
    return (double)(user + kernel) / sysconf(_SC_CLK_TCK);
}

static int by_age(const void *one, const void *other)
{
    int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;
    return (a > b) - (a < b);
}

static double age(double share)
{
    size_t at = count * share;
    return count ? ages[at < count ? at : count - 1] / 1e6 : 0;
}

static void count_for(int64_t span, const char *pid)
{
    int unanswered = 0;
    for (int i = 0; i < wanted; i++) unanswered += !viewers[i].answered;
    double server = cost_of(pid);
    int64_t own = cpu_ns(), from = now_ns();
    count = 0;
    counting = true;
    listen_until(from + span);
    counting = false;
    double seconds = (double)(now_ns() - from) / SECOND;
    server = cost_of(pid) - server;
    own = cpu_ns() - own;

    qsort(ages, count, sizeof *ages, by_age);
    printf("{\"tokens\": %zu, \"seconds\": %.3f, \"ended\": %d, \"whole\": %d, \"torn\": %d, \"unanswered\": %d, "
           "\"server_cpu\": %.2f, \"cpu\": %.3f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f}\n",
           count, seconds, ended, whole, torn, unanswered, server, (double)own / SECOND, age(0.5), age(0.99), age(1));
    fflush(stdout);
}

int main(int words, char **word)
{
    if (words != 7) return fprintf(stderr, "usage: client PORT PATH VIEWERS RAMP SECONDS PID\n"), 2;
    int port = atoi(word[1]);
    wanted = atoi(word[3]);
    int64_t ramp = atof(word[4]) * SECOND, span = atof(word[5]) * SECOND, begun = now_ns();
    poll_ = checked(epoll_create1(0), "epoll_create1");
    checked(epoll_ctl(poll_, EPOLL_CTL_ADD, STDIN_FILENO, &(struct epoll_event){EPOLLIN, {.ptr = NULL}}), "epoll_ctl");
    viewers = calloc(wanted, sizeof *viewers);
    request_size = snprintf(request, sizeof request,
                            "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept: text/event-stream\r\n\r\n", word[2], port);
    for (int i = 0; i < wanted; i++) {
        listen_until(begun + ramp * i / wanted);
        open_stream(&viewers[i], port);
    }
    listen_until(begun + ramp + SETTLE);
    puts("ready");
    fflush(stdout);
    while (asked_to_count()) count_for(span, word[6]);
    return 0;
}
