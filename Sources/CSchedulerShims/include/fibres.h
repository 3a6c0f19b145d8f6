#ifndef CSchedulerShims_fibres_H
#define CSchedulerShims_fibres_H

#include <stddef.h>
#include <stdint.h>

/* Fibres: several stacks on one thread, of which one runs until it names the next. Only for the simulation of threads:
   compiled into debug builds and where TRIBUTARY_SIMULATION is defined. */

typedef struct tributary_fibre tributary_fibre;

/* A fibre for the stack that calls. */
tributary_fibre *tributary_fibre_adopt(void);

/* A fibre with a stack of its own of at least so many bytes and a guard page below it. The first switch to it calls entry, which
   must not return. NULL when the system refuses memory. */
tributary_fibre *tributary_fibre_create(size_t bytes, void (*entry)(void *), void *argument);

/* Goes from the running fibre to another; returns when somebody switches back. Registers, the floating-point environment and
   the thread frame belong to the fibre. */
void tributary_fibre_switch(tributary_fibre *from, tributary_fibre *to);

/* The same for the last time: nobody switches back. */
__attribute__((noreturn)) void tributary_fibre_end(tributary_fibre *from, tributary_fibre *to);

/* Frees a fibre and its stack. It must not be running, and nothing on its stack may be needed any more. */
void tributary_fibre_destroy(tributary_fibre *fibre);

/* Whether fibres can be used in this build: not under ThreadSanitizer, which would take them for one thread. */
int tributary_fibres_work(void);

/* One pointer of the calling thread: the simulation it runs, or NULL. */
extern _Thread_local void *tributary_simulation_of_thread;
static inline void *tributary_simulation(void) { return tributary_simulation_of_thread; }
static inline void tributary_set_simulation(void *value) { tributary_simulation_of_thread = value; }

#endif
