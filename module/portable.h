/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the pure parts need, in the kernel and in the user-space fuzzer alike.
 */
#ifndef SENSOR_PORTABLE_H
#define SENSOR_PORTABLE_H

#ifdef __KERNEL__
#include <linux/string.h>
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#endif

#endif
