/*
 * A TCP client by plain system calls: peer MODE PORT SENT RECEIVED. It sends SENT bytes of one
 * stream in pieces of random sizes and receives RECEIVED bytes of another, -1: to the end, in
 * pieces of random sizes. Every byte is checked; the exit code is 0 when all is as it should be.
 *
 *   half     sends, ends its side, then receives
 *   late     receives to the end, then sends, and closes
 *   slow     as half, but sleeps between its reads, with a small receive buffer
 *   reset    sends, then breaks off with a reset
 *   forever  sends until somebody kills it
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const uint64_t ODD = 0x9E3779B97F4A7C15ull;
static unsigned char bytes[65536];
static uint64_t sent, received;

static unsigned char at(uint64_t place, uint64_t seed) {
    return (unsigned char)((place * ODD + seed * ODD) >> 56);
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static size_t piece(void) {
    return 1 + (size_t)rand() % (rand() % 4 ? 100 : sizeof bytes);
}

static void give(int fd, long count) {
    while (count != 0) {
        size_t length = piece();
        if (count > 0 && length > (size_t)count) {
            length = (size_t)count;
        }
        for (size_t i = 0; i < length; i++) {
            bytes[i] = at(sent + i, 1);
        }
        for (size_t done = 0; done < length;) {
            ssize_t n = send(fd, bytes + done, length - done, MSG_NOSIGNAL);
            if (n <= 0) {
                fail("send");
            }
            done += (size_t)n;
        }
        sent += length;
        count -= count > 0 ? (long)length : 0;
    }
}

static void take(int fd, long count, int sleeps) {
    while (count < 0 || received < (uint64_t)count) {
        ssize_t n = recv(fd, bytes, piece(), 0);
        if (n < 0) {
            fail("recv");
        }
        if (n == 0) {
            if (count < 0) {
                return;
            }
            fprintf(stderr, "the end after %llu bytes\n", (unsigned long long)received);
            exit(2);
        }
        for (ssize_t i = 0; i < n; i++) {
            if (bytes[i] != at(received + (uint64_t)i, 2)) {
                fprintf(stderr, "byte %llu\n", (unsigned long long)received + (uint64_t)i);
                exit(3);
            }
        }
        received += (uint64_t)n;
        if (sleeps && rand() % 64 == 0) {
            usleep(500);
        }
    }
}

int main(int count, char **arguments) {
    if (count != 5) {
        return 4;
    }
    const char *mode = arguments[1];
    long out = atol(arguments[3]), in = atol(arguments[4]);
    int small = 4096, on = 1;
    struct linger now = {1, 0};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[2]))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (strcmp(mode, "slow") == 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
        fail("connect");
    }
    if (strcmp(mode, "late") == 0) {
        take(fd, in, 0);
        give(fd, out);
    } else {
        give(fd, out);
        if (strcmp(mode, "reset") == 0) {
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        } else {
            shutdown(fd, SHUT_WR);
            take(fd, in, strcmp(mode, "slow") == 0);
        }
    }
    close(fd);
    printf("sent %llu received %llu\n", (unsigned long long)sent, (unsigned long long)received);
    return 0;
}
