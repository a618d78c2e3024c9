/* The floor under every fan-out: a loop over send(), and nothing else.
 *
 *   floor PORT_IS_PRINTED
 *
 * Answers every request with an empty 101, then obeys lines on standard input:
 *   broadcast COUNT PAUSE_US SIZE   send COUNT frames of SIZE bytes to every connection, pausing between them
 *   publish PAYLOAD                 send PAYLOAD, at most 125 bytes, as one text frame to every connection
 *   usage                           nothing but the answer
 * Every line is answered with: CPU_SECONDS RSS_BYTES FRAMES_SENT
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 20000, FRAME_MAX = 65536, PAYLOAD_MAX = 125 };

static const char SWITCHING[] = "HTTP/1.1 101 Switching Protocols\r\n\r\n";

static int connections[CONNECTIONS_MAX];
static int connected = 0;

static void report(long frames)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double cpu = used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    long pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    if (statm == NULL || fscanf(statm, "%*d %ld", &pages) != 1) pages = 0;
    if (statm != NULL) fclose(statm);
    printf("%.6f %ld %ld\n", cpu, pages * sysconf(_SC_PAGESIZE), frames);
    fflush(stdout);
}

static void take_connection(int listener)
{
    char request[FRAME_MAX];
    int one = 1;
    int fd = accept(listener, NULL, NULL);
    if (fd < 0 || connected == CONNECTIONS_MAX) return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    /* The audience sends its whole request at once, and nothing after it. */
    if (recv(fd, request, sizeof request, 0) <= 0 || send(fd, SWITCHING, sizeof SWITCHING - 1, MSG_NOSIGNAL) < 0) {
        close(fd);
        return;
    }
    connections[connected++] = fd;
}

static void broadcast(long count, long pause_us, long size)
{
    static char frame[FRAME_MAX];
    long sent = 0;
    memset(frame, 'x', sizeof frame);
    for (long round = 0; round < count; round++) {
        for (int i = 0; i < connected; i++)
            if (send(connections[i], frame, size, MSG_DONTWAIT | MSG_NOSIGNAL) == size) sent++;
        usleep(pause_us);
    }
    report(sent);
}

static void publish(const char *payload)
{
    char frame[2 + PAYLOAD_MAX] = {(char)0x81, 0};
    size_t size = strcspn(payload, "\n");
    long sent = 0;
    if (size > PAYLOAD_MAX) size = PAYLOAD_MAX;
    frame[1] = (char)size;
    memcpy(frame + 2, payload, size);
    for (int i = 0; i < connected; i++)
        if (send(connections[i], frame, size + 2, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)(size + 2)) sent++;
    report(sent);
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    char line[256];
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 4096) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) < 0) {
        perror("floor");
        return 1;
    }
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    struct pollfd watched[2] = {{.fd = listener, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
    for (;;) {
        long count, pause_us, size;
        if (poll(watched, 2, -1) < 0) return 1;
        if (watched[0].revents & POLLIN) take_connection(listener);
        if (watched[1].revents) {
            /* One line at a time: the bench waits for each answer. */
            ssize_t got = read(STDIN_FILENO, line, sizeof line - 1);
            if (got <= 0) return 0;
            line[got] = 0;
            if (sscanf(line, "broadcast %ld %ld %ld", &count, &pause_us, &size) == 3 && size <= FRAME_MAX)
                broadcast(count, pause_us, size);
            else if (strncmp(line, "publish ", 8) == 0)
                publish(line + 8);
            else
                report(0);
        }
    }
}
