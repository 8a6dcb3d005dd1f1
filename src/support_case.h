/*
 * support_case.h
 *		What the source files share with each other.
 */
#ifndef SUPPORT_CASE_H
#define SUPPORT_CASE_H

#include "compat.h"

extern bool sc_acts_for_a_party(void);

#endif							/* SUPPORT_CASE_H */
