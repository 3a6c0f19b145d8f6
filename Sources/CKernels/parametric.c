#define CK_FAMILY "parametric.body.h"
#include "entries.h"
#include "elementwise.h"
#include "levels.h"

#define CK_REAL(family, name) \
  {family "." #name, {CK_ALL_LEVELS(name##_loop, float), CK_ALL_LEVELS(name##_loop, double), {0}, {0}, {0}}},

#define CK_POWER(suffix) \
  CK_REAL("parametric", half_power##suffix) CK_REAL("parametric", half_power_gradient##suffix)

const ck_entry ck_parametric_entries[] = {
    CK_REAL("parametric", leaky_relu) CK_REAL("parametric", leaky_relu_gradient) CK_REAL("parametric", elu)
    CK_REAL("parametric", elu_gradient) CK_REAL("parametric", clamp_gradient)
    {"parametric.clamp",
     {CK_ALL_LEVELS(clamp_loop, float), CK_ALL_LEVELS(clamp_loop, double), CK_ALL_LEVELS(clamp_loop, int32_t),
      CK_ALL_LEVELS(clamp_loop, int64_t), {0}}},
    CK_POWER() CK_POWER(_root) CK_POWER(_inverse) CK_POWER(_root_inverse)
    CK_REAL("loss", l1) CK_REAL("loss", l1_gradient) CK_REAL("loss", huber) CK_REAL("loss", huber_gradient)
    CK_REAL("loss", bce_with_logits) CK_REAL("loss", bce_with_logits_gradient) CK_REAL("loss", kl_div)
    CK_REAL("loss", kl_div_log)
    {0},
};
