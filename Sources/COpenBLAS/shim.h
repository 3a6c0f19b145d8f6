#include <cblas.h>

// Not in every build of the library; null where absent.
extern int blas_thread_shutdown_(void) __attribute__((weak));
extern void gotoblas_dynamic_init(void) __attribute__((weak));
extern void gotoblas_dynamic_quit(void) __attribute__((weak));

/// Ends the library's idle threads, where it has any.
static inline void tblas_end_threads(void) {
  if (blas_thread_shutdown_) blas_thread_shutdown_();
}

/// Makes the library choose its kernels again, from the environment as it is now. False where it cannot.
static inline int tblas_choose_kernels_again(void) {
  if (!gotoblas_dynamic_init || !gotoblas_dynamic_quit) return 0;
  gotoblas_dynamic_quit();
  gotoblas_dynamic_init();
  return 1;
}
