#define _GNU_SOURCE
#include "CSchedulerShims.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
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

int tributary_thread_start(unsigned long *handle, size_t stack, void *(*main)(void *), void *argument) {
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error != 0) return error;
    if (stack != 0) pthread_attr_setstacksize(&attributes, stack);
    error = pthread_create(handle, &attributes, main, argument);
    pthread_attr_destroy(&attributes);
    return error;
}

static int signal_descriptor = -1;

/* Safe at any moment: one system call, and the interrupted code's error number is as before. */
static void note_signal(int signal) {
    const int before = errno;
    const uint64_t one = 1;
    const ssize_t written = write(signal_descriptor, &one, sizeof one);
    (void)signal, (void)written;
    errno = before;
}

static void change_mask(int how, int signal) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, signal);
    pthread_sigmask(how, &signals, NULL);
}

int tributary_signal_descriptor(int signal) {
    const struct sigaction action = {.sa_handler = note_signal, .sa_flags = SA_RESTART};
    signal_descriptor = eventfd(0, EFD_CLOEXEC);
    if (signal_descriptor < 0) return -1;
    change_mask(SIG_BLOCK, signal);
    return sigaction(signal, &action, NULL) == 0 ? signal_descriptor : -1;
}

int tributary_signal_wait(int signal, int descriptor) {
    uint64_t count;
    ssize_t length;
    change_mask(SIG_UNBLOCK, signal);
    do length = read(descriptor, &count, sizeof count);
    while (length < 0 && errno == EINTR);
    return length > 0;
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
