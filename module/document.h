/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SENSOR_DOCUMENT_H
#define SENSOR_DOCUMENT_H

#include <linux/types.h>

struct frame;
struct seq_file;

void document_print(struct seq_file *m, struct frame *frame, u64 sequence, bool command_lines);

#endif
