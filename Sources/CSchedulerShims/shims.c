#define _GNU_SOURCE
#include "CSchedulerShims.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
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

int tributary_current_cpu(void) { return sched_getcpu(); }

void tributary_thread_move(int cpu) {
    static _Thread_local int refused;
    cpu_set_t mask, one;
    if (refused) return;
    refused = 1;
    if (cpu >= CPU_SETSIZE || pthread_getaffinity_np(pthread_self(), sizeof mask, &mask) != 0) return;
    if (!CPU_ISSET(cpu, &mask)) return;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    if (pthread_setaffinity_np(pthread_self(), sizeof one, &one) != 0) return;
    refused = pthread_setaffinity_np(pthread_self(), sizeof mask, &mask) != 0;
}

int tributary_event_descriptor(void) { return eventfd(0, EFD_CLOEXEC); }

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

int64_t tributary_stack_left(void) {
    static _Thread_local char *low, *high;
    if (!high) {
        pthread_attr_t attributes;
        void *address;
        size_t size, guard;
        low = high = (char *)&low; /* An empty range, so that a thread whose stack is not known asks once only. */
        if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
            if (pthread_attr_getstack(&attributes, &address, &size) == 0
                && pthread_attr_getguardsize(&attributes, &guard) == 0) {
                low = (char *)address + guard;
                high = (char *)address + size;
            }
            pthread_attr_destroy(&attributes);
        }
    }
    char *here = __builtin_frame_address(0);
    return here < low || here >= high ? INT64_MAX : here - low;
}

static _Thread_local void *frame;

void *tributary_thread_frame(void) { return frame; }
void tributary_set_thread_frame(void *value) { frame = value; }
