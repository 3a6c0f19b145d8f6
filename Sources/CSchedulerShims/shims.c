#include "CSchedulerShims.h"
