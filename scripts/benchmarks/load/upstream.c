/* An upstream that costs next to nothing: OpenAI-compatible chat completions, streamed at a set pace.
 *
 *   upstream TOKENS RATE
 *
 * It prints its base URL. Each speech has TOKENS tokens, give or take half of them, at RATE a second; each token is the
 * time at which it is sent. A model called paced-TOKENS-RATE-LETTERS speaks in that manner instead, each token with so
 * many letters after the time. Streams begin at random moments of the pace, so that they do not march in step, and keep
 * to it: a token that is late does not move the next one.
 *
 * For every line on its stdin it says what it cost since the last one: tokens sent, its own CPU for each, and how late it
 * was with them. It ends with its stdin.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "common.h"

#define FILES 20000
#define REQUEST_BYTES (1 << 20)
#define LATE_BUCKETS 100000 /* of a microsecond */
#define MANNERS 8
#define LETTERS 16384 /* of a token, at most */

#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
#define MODELS "{\"object\":\"list\",\"data\":[{\"id\":\"paced\",\"object\":\"model\",\"created\":1741569952,\"owned_by\":\"bench\"}]}"
#define CHUNK \
    "{\"id\":\"chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT\",\"object\":\"chat.completion.chunk\",\"created\":1741569952," \
    "\"model\":\"paced\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_44709d6fcb\",\"choices\":[%s]%s}"
#define CHOICE "{\"index\":0,\"delta\":%s,\"logprobs\":null,\"finish_reason\":%s}"
#define DELTA "{\"content\":\"@0000000000000000 %s\"}"

/* How a model speaks. */
typedef struct {
    long tokens, pace_ns;
    double rate;
    int letters;
    char *token[2]; /* its frame without and with "usage" */
    size_t size[2];
} Manner;

typedef struct {
    int fd, place; /* in the heap */
    Manner *manner;
    char *request;
    size_t have;
    long left; /* tokens of the speech; -1: none is spoken */
    long of;
    int64_t due;
    bool usage, last;
} Stream;

static Stream *streams[FILES];
static Stream *heap[FILES]; /* those that speak, the one that is due next on top */
static int speaking;
static int poll_, timer;
static Manner manners[MANNERS]; /* the first one is that of models with any other name */
static int known;
static long sent;
static int64_t cost; /* of this process when it was last asked */
static uint32_t late[LATE_BUCKETS + 1];

/* One event as a chunk of HTTP, which has to find room. */
static size_t frame(char *out, size_t room, const char *delta, const char *finish, const char *usage)
{
    static char choice[LETTERS + 512], data[LETTERS + 1024];
    snprintf(choice, sizeof choice, CHOICE, delta, finish);
    int size = snprintf(data, sizeof data, "data: " CHUNK "\n\n", choice, usage);
    size = snprintf(out, room, "%x\r\n%s\r\n", size, data);
    if ((size_t)size >= room) give_up("a frame is too long");
    return size;
}

static Manner *learn(long tokens, double rate, int letters)
{
    static char word[LETTERS + 1], delta[LETTERS + 64];
    if (known == MANNERS || tokens < 1 || rate <= 0 || letters < 0 || letters >= LETTERS) give_up("no such manner");
    Manner *manner = &manners[known++];
    *manner = (Manner){.tokens = tokens, .pace_ns = SECOND / rate, .rate = rate, .letters = letters};
    memset(word, 'w', letters);
    word[letters] = 0;
    sprintf(delta, DELTA, word);
    for (int usage = 0; usage < 2; usage++) {
        manner->token[usage] = malloc(sizeof delta + 1024);
        manner->size[usage] = frame(manner->token[usage], sizeof delta + 1024, delta, "null", usage ? ",\"usage\":null" : "");
    }
    return manner;
}

/* How the model that a request names speaks. */
static Manner *manner_of(const char *body)
{
    const char *model = strstr(body, "\"model\":");
    long tokens;
    double rate;
    int letters;
    if (!model || sscanf(model, "\"model\": \"paced-%ld-%lf-%d", &tokens, &rate, &letters) != 3) return manners;
    for (Manner *one = manners; one < manners + known; one++)
        if (one->tokens == tokens && one->rate == rate && one->letters == letters) return one;
    return learn(tokens, rate, letters);
}

static void put(Stream *stream, int at) { heap[stream->place = at] = stream; }

static void sink(int at)
{
    Stream *moved = heap[at];
    for (int child; (child = 2 * at + 1) < speaking; at = child) {
        child += child + 1 < speaking && heap[child + 1]->due < heap[child]->due;
        if (heap[child]->due >= moved->due) break;
        put(heap[child], at);
    }
    put(moved, at);
}

static void rise(int at)
{
    Stream *moved = heap[at];
    for (; at && heap[(at - 1) / 2]->due > moved->due; at = (at - 1) / 2) put(heap[(at - 1) / 2], at);
    put(moved, at);
}

static void fall_silent(Stream *stream)
{
    int at = stream->place;
    stream->left = -1;
    if (at != --speaking) {
        put(heap[speaking], at);
        rise(at);
        sink(at);
    }
}

static void leave(Stream *stream)
{
    if (stream->left >= 0) fall_silent(stream);
    streams[stream->fd] = NULL;
    close(stream->fd);
    free(stream->request);
    free(stream);
}

/* Whether all of it was taken. Who does not read for megabytes is let go of. */
static bool tell(Stream *stream, const char *bytes, size_t size)
{
    return send(stream->fd, bytes, size, MSG_NOSIGNAL) == (ssize_t)size;
}

static void end_speech(Stream *stream)
{
    char out[4096], usage[128] = "";
    size_t size = frame(out, sizeof out, "{}", "\"stop\"", stream->usage ? ",\"usage\":null" : "");
    if (stream->usage) {
        char data[900];
        snprintf(usage, sizeof usage, ",\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":%ld,\"total_tokens\":%ld}",
                 stream->of, 100 + stream->of);
        int of = snprintf(data, sizeof data, "data: " CHUNK "\n\n", "", usage);
        size += sprintf(out + size, "%x\r\n%s\r\n", of, data);
    }
    size += sprintf(out + size, "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n");
    fall_silent(stream);
    if (!tell(stream, out, size) || stream->last) leave(stream);
}

/* What is due of the stream on top of the heap: a token, or the end. */
static void speak(Stream *stream)
{
    if (!stream->left) {
        end_speech(stream);
        return;
    }
    char *bytes = stream->manner->token[stream->usage], digits[STAMP_DIGITS + 1];
    int64_t now = now_ns(), behind = (now - stream->due) / 1000;
    snprintf(digits, sizeof digits, "%0*lld", STAMP_DIGITS, (long long)now);
    memcpy(strchr(bytes, '@') + 1, digits, STAMP_DIGITS);
    late[behind > LATE_BUCKETS ? LATE_BUCKETS : behind]++;
    sent++;
    stream->left--;
    stream->due += stream->manner->pace_ns;
    sink(0);
    if (!tell(stream, bytes, stream->manner->size[stream->usage])) leave(stream);
}

static void begin_speech(Stream *stream, Manner *manner, bool usage)
{
    char out[2048];
    size_t size = sprintf(out, HEAD);
    size += frame(out + size, sizeof out - size, "{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}", "null",
                  usage ? ",\"usage\":null" : "");
    stream->usage = usage;
    stream->manner = manner;
    stream->left = stream->of = manner->tokens / 2 + random() % (manner->tokens + 1);
    stream->due = now_ns() + random() % manner->pace_ns;
    put(stream, speaking++);
    rise(stream->place);
    if (!tell(stream, out, size)) leave(stream);
}

/* One request, once all of it is here. */
static void answer(Stream *stream)
{
    char *body = strstr(stream->request, "\r\n\r\n"), *length = strcasestr(stream->request, "\r\ncontent-length:");
    if (!body) return;
    body += 4;
    if (length && length < body && stream->request + stream->have < body + atol(length + 17)) return;
    char *closing = strcasestr(stream->request, "\r\nconnection: close");
    stream->last = closing && closing < body;
    bool usage = strstr(body, "include_usage");
    stream->have = 0;
    if (strncmp(stream->request, "POST", 4)) {
        char out[1024];
        int size = sprintf(out, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                           strlen(MODELS), MODELS);
        if (!tell(stream, out, size) || stream->last) leave(stream);
    } else {
        begin_speech(stream, manner_of(body), usage);
    }
}

static void hear(Stream *stream)
{
    ssize_t got = recv(stream->fd, stream->request + stream->have, REQUEST_BYTES - stream->have - 1, 0);
    if (got <= 0) {
        leave(stream);
        return;
    }
    stream->have += got;
    stream->request[stream->have] = 0;
    answer(stream);
}

static void welcome(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK), on = 1;
    if (fd < 0) return;
    if (fd >= FILES) give_up("too many streams");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Stream *stream = streams[fd] = calloc(1, sizeof *stream);
    stream->fd = fd;
    stream->left = -1;
    stream->request = malloc(REQUEST_BYTES);
    checked(epoll_ctl(poll_, EPOLL_CTL_ADD, fd, &(struct epoll_event){.events = EPOLLIN, .data.fd = fd}), "epoll_ctl");
}

/* Milliseconds that a share of the tokens was late at most. */
static double lateness(double share)
{
    long seen = 0;
    int at = 0;
    while (at < LATE_BUCKETS && (seen += late[at]) < share * sent) at++;
    return at / 1000.0;
}

/* What it cost since it was last asked; whether anybody does ask. */
static bool account(void)
{
    char word[64];
    if (read(STDIN_FILENO, word, sizeof word) <= 0) return false;
    int64_t spent = cpu_ns() - cost;
    printf("{\"tokens\": %ld, \"cpu_us\": %.2f, \"late_p99_ms\": %.3f}\n", sent, sent ? spent / 1000.0 / sent : 0,
           lateness(0.99));
    fflush(stdout);
    cost += spent;
    sent = 0;
    memset(late, 0, sizeof late);
    return true;
}

int main(int count, char **words)
{
    if (count != 3) return fprintf(stderr, "usage: upstream TOKENS RATE\n"), 2;
    learn(atol(words[1]), atof(words[2]), 0);
    srandom(now_ns());

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listener = checked(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
    checked(bind(listener, (struct sockaddr *)&address, sizeof address), "bind");
    checked(listen(listener, 4096), "listen");
    checked(getsockname(listener, (struct sockaddr *)&address, &(socklen_t){sizeof address}), "getsockname");
    poll_ = checked(epoll_create1(0), "epoll_create1");
    timer = checked(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), "timerfd_create");
    int watched[] = {listener, timer, STDIN_FILENO};
    for (int i = 0; i < 3; i++)
        checked(epoll_ctl(poll_, EPOLL_CTL_ADD, watched[i], &(struct epoll_event){EPOLLIN, {.fd = watched[i]}}), "epoll_ctl");
    printf("http://127.0.0.1:%d/v1\n", ntohs(address.sin_port));
    fflush(stdout);

    for (bool open = true; open;) {
        struct itimerspec next = {0};
        if (speaking) {
            next.it_value.tv_sec = heap[0]->due / SECOND;
            next.it_value.tv_nsec = heap[0]->due % SECOND;
        }
        checked(timerfd_settime(timer, TFD_TIMER_ABSTIME, &next, NULL), "timerfd_settime");
        struct epoll_event events[64];
        int ready = epoll_wait(poll_, events, 64, -1);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) welcome(fd);
            else if (fd == STDIN_FILENO) open = account();
            else if (fd != timer && streams[fd]) hear(streams[fd]); /* setting the timer anew rearms it */
        }
        while (speaking && heap[0]->due <= now_ns()) speak(heap[0]);
    }
    return 0;
}
