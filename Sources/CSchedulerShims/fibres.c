#define _GNU_SOURCE
#include "CSchedulerShims.h"

#if DEBUG || TRIBUTARY_SIMULATION

#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#ifndef __has_feature
#define __has_feature(x) 0
#endif

#if __has_feature(address_sanitizer)
void __sanitizer_start_switch_fiber(void **fake_stack, const void *bottom, size_t size);
void __sanitizer_finish_switch_fiber(void *fake_stack, const void **bottom, size_t *size);
void __lsan_register_root_region(const void *begin, size_t size);
void __lsan_unregister_root_region(const void *begin, size_t size);
#endif

struct tributary_fibre {
    ucontext_t context;
    void *frame;
    void (*entry)(void *);
    void *argument;
    char *memory;
    size_t bytes;
    /* The fibre that switched here last. */
    tributary_fibre *from;
    const void *bottom;
    size_t size;
    void *fake_stack;
};

_Thread_local void *tributary_simulation_of_thread;

int tributary_fibres_work(void) {
#if __has_feature(thread_sanitizer)
    return 0;
#else
    return 1;
#endif
}

tributary_fibre *tributary_fibre_adopt(void) { return calloc(1, sizeof(tributary_fibre)); }

/* Tells AddressSanitizer, where it is on, that another stack is in use now. */
static void arrive(tributary_fibre *fibre) {
#if __has_feature(address_sanitizer)
    const void *bottom;
    size_t size;
    __sanitizer_finish_switch_fiber(fibre->fake_stack, &bottom, &size);
    if (fibre->from && !fibre->from->memory) {
        fibre->from->bottom = bottom;
        fibre->from->size = size;
    }
#else
    (void)fibre;
#endif
}

/* makecontext passes ints only. */
static void begin(unsigned high, unsigned low) {
    tributary_fibre *fibre = (tributary_fibre *)((uintptr_t)high << 32 | low);
    arrive(fibre);
    fibre->entry(fibre->argument);
    abort();
}

tributary_fibre *tributary_fibre_create(size_t bytes, void (*entry)(void *), void *argument) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    bytes = (bytes + 2 * page - 1) / page * page;
    tributary_fibre *fibre = calloc(1, sizeof *fibre);
    if (!fibre) return NULL;
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory, page, PROT_NONE) != 0 || getcontext(&fibre->context) != 0) {
        if (memory != MAP_FAILED) munmap(memory, bytes);
        free(fibre);
        return NULL;
    }
    fibre->memory = memory;
    fibre->bytes = bytes;
    fibre->bottom = memory + page;
    fibre->size = bytes - page;
    fibre->entry = entry;
    fibre->argument = argument;
    fibre->context.uc_stack.ss_sp = memory + page;
    fibre->context.uc_stack.ss_size = bytes - page;
    uintptr_t self = (uintptr_t)fibre;
    makecontext(&fibre->context, (void (*)(void))begin, 2, (unsigned)(self >> 32), (unsigned)self);
#if __has_feature(address_sanitizer)
    /* Switches are announced below, so AddressSanitizer need not clear the whole stack's shadow at each. What stacks of
       failed simulations refer to is no leak. */
    fibre->context.uc_stack.ss_size = 0;
    __lsan_register_root_region(fibre->bottom, fibre->size);
#endif
    return fibre;
}

static void leave(tributary_fibre *from, tributary_fibre *to, int forever) {
    from->frame = tributary_thread_frame();
    tributary_set_thread_frame(to->frame);
    to->from = from;
#if __has_feature(address_sanitizer)
    __sanitizer_start_switch_fiber(forever ? NULL : &from->fake_stack, to->bottom, to->size);
#else
    (void)forever;
#endif
    swapcontext(&from->context, &to->context);
}

void tributary_fibre_switch(tributary_fibre *from, tributary_fibre *to) {
    leave(from, to, 0);
    arrive(from);
}

void tributary_fibre_end(tributary_fibre *from, tributary_fibre *to) {
    leave(from, to, 1);
    abort();
}

void tributary_fibre_destroy(tributary_fibre *fibre) {
#if __has_feature(address_sanitizer)
    if (fibre->memory) __lsan_unregister_root_region(fibre->bottom, fibre->size);
#endif
    if (fibre->memory) munmap(fibre->memory, fibre->bytes);
    free(fibre);
}

#endif
