#ifndef CSchedulerShims_H
#define CSchedulerShims_H

#include <stddef.h>
#include <stdint.h>

#include "fibres.h"

/* What the scheduler needs of Linux and of the processor that Swift cannot say: variadic system calls, GNU extensions,
   macros, thread-local storage and single instructions. Nothing here keeps state of its own,
   but for the descriptor of signals. */

/* Sleeps while *word equals expected, at most timeout_ns nanoseconds (negative: without limit). Returns 0 when woken
   or when the word had another value, else the error number (ETIMEDOUT, EINTR). */
int tributary_futex_wait(const uint32_t *word, uint32_t expected, int64_t timeout_ns);

/* Wakes at most count threads that sleep on word. */
void tributary_futex_wake(const uint32_t *word, int count);

/* Names the calling thread; at most 15 bytes. */
void tributary_thread_name(const char *name);

/* Binds the calling thread to the CPUs of a bitmap of 64-bit words. Returns 0 or an error number. */
int tributary_thread_bind(const uint64_t *words, int count);

/* The CPU that the calling thread runs on, without a system call where the kernel allows it. */
int tributary_current_cpu(void);

/* Moves the calling thread to a CPU and gives it its mask back at once, so that the system may move it on when it has a
   reason. Does nothing, and never tries again on this thread, where the thread's mask forbids that CPU. */
void tributary_thread_move(int cpu);

/* Writes an unsigned text to standard error, whatever else happens. */
void tributary_write_error(const char *bytes, int64_t count);

/* Starts a thread, with a stack of so many bytes or, for 0, of the system's choice. Returns 0 or an error number. */
int tributary_thread_start(unsigned long *handle, size_t stack, void *(*main)(void *), void *argument);

/* Lets a signal do nothing but write to a new event descriptor, which is returned, or a negative number. The calling
   thread, and threads that it starts, do not take the signal. Called once. */
int tributary_signal_descriptor(int signal);

/* Lets the calling thread take the signal, and waits until it was sent. Returns 0 when there is nothing to wait on. */
int tributary_signal_wait(int signal, int descriptor);

/* Monotonic nanoseconds, without a system call where the kernel allows it. */
int64_t tributary_nanoseconds(void);

/* Tells the processor that this is a spin loop. */
static inline void tributary_relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb");
#endif
}

/* The control registers of floating point: on x86-64 that of the vector unit and, above bit 32, that of the x87. */
static inline uint64_t tributary_float_environment(void) {
#if defined(__x86_64__)
    uint16_t x87;
    __asm__ volatile("fnstcw %0" : "=m"(x87));
    return __builtin_ia32_stmxcsr() | (uint64_t)x87 << 32;
#elif defined(__aarch64__)
    uint64_t value;
    __asm__ volatile("mrs %0, fpcr" : "=r"(value));
    return value;
#else
    return 0;
#endif
}

static inline void tributary_set_float_environment(uint64_t value) {
#if defined(__x86_64__)
    uint16_t x87 = (uint16_t)(value >> 32);
    __asm__ volatile("fldcw %0" : : "m"(x87));
    __builtin_ia32_ldmxcsr((unsigned)value);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" ::"r"(value));
#else
    (void)value;
#endif
}

/* Round to nearest, all exceptions masked; subnormal results and operands are zero when flush is not 0. */
static inline uint64_t tributary_standard_float_environment(int flush) {
#if defined(__x86_64__)
    return (uint64_t)0x037F << 32 | (flush ? 0x9FC0u : 0x1F80u);
#elif defined(__aarch64__)
    return flush ? (1u << 24) : 0u;
#else
    (void)flush;
    return 0;
#endif
}

/* How many bytes of the calling thread's stack lie below the caller's frame, the guard not counted; INT64_MAX when the
   caller does not run on its thread's own stack. The stack's bounds are asked for once on each thread. */
int64_t tributary_stack_left(void);

/* One pointer of the calling thread: the slot that it holds, or NULL. */
void *tributary_thread_frame(void);
void tributary_set_thread_frame(void *frame);

#endif
