#ifndef CSchedulerShims_H
#define CSchedulerShims_H
#endif
