#define _GNU_SOURCE
#include "CSchedulerShims.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int tributary_futex_wait(const uint32_t *word, uint32_t expected, int64_t timeout_ns) {
    struct timespec limit = {timeout_ns / 1000000000, timeout_ns % 1000000000};
    long result = syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, timeout_ns < 0 ? NULL : &limit, NULL, 0);
    if (result == 0 || errno == EAGAIN) return 0;
    return errno;
}

void tributary_futex_wake(const uint32_t *word, int count) {
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

void tributary_thread_name(const char *name) { pthread_setname_np(pthread_self(), name); }

int tributary_thread_bind(const uint64_t *words, int count) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (int word = 0; word < count; word++)
        for (int bit = 0; bit < 64; bit++)
            if (words[word] >> bit & 1 && word * 64 + bit < CPU_SETSIZE) CPU_SET(word * 64 + bit, &set);
    return pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

void tributary_write_error(const char *bytes, int64_t count) {
    while (count > 0) {
        ssize_t written = write(STDERR_FILENO, bytes, (size_t)count);
        if (written <= 0) return;
        bytes += written;
        count -= written;
    }
}

int64_t tributary_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static _Thread_local void *frame;

void *tributary_thread_frame(void) { return frame; }
void tributary_set_thread_frame(void *value) { frame = value; }
