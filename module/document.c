// SPDX-License-Identifier: GPL-2.0
/*
 * A frame as JSON: the sysinfo document, version 1, of packages/contract/src/sysinfo.ts.
 */
#include <linux/math64.h>
#include <linux/seq_file.h>
#include <linux/time64.h>

#include "document.h"
#include "frame.h"
#include "json.h"
#include "process.h"

/* Bytes of command lines in one document; once they are used up, further lines stay empty. */
#define COMMAND_LINES_MAX (4UL << 20)

static u64 to_us(u64 ns)
{
	return div_u64(ns, NSEC_PER_USEC);
}

static void put_number(struct seq_file *m, const char *key, u64 value)
{
	seq_printf(m, ",\"%s\":%llu", key, value);
}

static void put_number_or_null(struct seq_file *m, const char *key, bool known, u64 value)
{
	if (known)
		put_number(m, key, value);
	else
		seq_printf(m, ",\"%s\":null", key);
}

/* A share with two decimals, rounded to the nearest; 0 of nothing is 0. */
static void put_percent(struct seq_file *m, const char *key, u64 part, u64 whole)
{
	u64 hundredths = whole ? div64_u64(part * 10000 + whole / 2, whole) : 0;
	u32 rest;
	u64 percent = div_u64_rem(hundredths, 100, &rest);

	seq_printf(m, ",\"%s\":%llu.%02u", key, percent, rest);
}

static void put_text(struct seq_file *m, const char *key, const char *text, size_t len)
{
	seq_printf(m, ",\"%s\":\"", key);
	while (len) {
		size_t run = json_plain_run(text, len);
		char out[JSON_CHAR_MAX];
		size_t written;

		seq_write(m, text, run);
		text += run;
		len -= run;
		if (!len)
			break;
		run = json_char(text, len, out, &written);
		seq_write(m, out, written);
		text += run;
		len -= run;
	}
	seq_putc(m, '"');
}

static void put_head(struct seq_file *m, const struct frame *frame, u64 sequence)
{
	u32 ns;
	u64 seconds = div_u64_rem(frame->realtime_ns, NSEC_PER_SEC, &ns);
	struct tm tm;

	time64_to_tm(seconds, 0, &tm);
	seq_puts(m, "{\"version\":1,\"sensor\":\"module\"");
	put_number(m, "sequence", sequence);
	seq_printf(m, ",\"taken_at\":\"%04ld-%02d-%02dT%02d:%02d:%02d.%06luZ\"", tm.tm_year + 1900,
		   tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, ns / NSEC_PER_USEC);
	put_number(m, "monotonic_us", to_us(frame->monotonic_ns));
	put_number(m, "took_us", to_us(frame->took_ns));
	seq_printf(m, ",\"truncated\":%s", frame->truncated ? "true" : "false");
}

static void put_host(struct seq_file *m, const struct host *host)
{
	seq_printf(m, ",\n\"memory\":{\"total_kb\":%llu", host->total_kb);
	put_number(m, "free_kb", host->free_kb);
	put_number(m, "available_kb", host->available_kb);
	put_number(m, "used_kb", host->total_kb - host->free_kb);
	seq_printf(m, "},\n\"cpu\":{\"online\":%u", host->online);
	put_number(m, "busy_us", host->busy_us);
	put_number(m, "idle_us", host->idle_us);
	seq_putc(m, '}');
}

static void put_container(struct seq_file *m, const struct frame *frame,
			  const struct container *container)
{
	bool memory_known = container->place.memory;

	seq_printf(m, "{\"id\":\"%s\"", container->place.id);
	put_number(m, "tasks", container->processes);
	put_number(m, "cpu_us", to_us(container->cpu_ns));
	seq_printf(m, ",\"cpu_source\":\"%s\"", container->place.cgroup ? "cgroup" : "tasks");
	put_number_or_null(m, "memory_usage_kb", memory_known, container->usage_kb);
	put_number_or_null(m, "memory_limit_kb", memory_known && container->limit_kb != U64_MAX,
			   container->limit_kb);
	put_number_or_null(m, "inactive_file_kb", false, 0);
	put_percent(m, "memory_percent", container->rss_kb, frame->host.total_kb);
	put_number(m, "rss_kb", container->rss_kb);
	put_number(m, "vsz_kb", container->vsz_kb);
	put_number_or_null(m, "read_bytes", container->io_known, container->read_bytes);
	put_number_or_null(m, "written_bytes", container->io_known, container->written_bytes);
	seq_putc(m, '}');
}

static void put_containers(struct seq_file *m, const struct frame *frame)
{
	const char *before = "\n";
	const struct container *container;

	seq_puts(m, ",\n\"containers\":[");
	list_for_each_entry(container, &frame->containers.list, node) {
		seq_puts(m, before);
		put_container(m, frame, container);
		before = ",\n";
	}
	seq_putc(m, ']');
}

static void put_process(struct seq_file *m, const struct frame *frame,
			const struct process *process, const char *line, size_t len)
{
	u64 lived_ns = 0;

	if (frame->boottime_ns > process->start_ns)
		lived_ns = frame->boottime_ns - process->start_ns;
	seq_printf(m, "{\"pid\":%d", process->pid);
	put_text(m, "name", process->name, strlen(process->name));
	put_text(m, "command_line", line, len);
	if (process->container)
		seq_printf(m, ",\"container_id\":\"%s\"", process->container->place.id);
	else
		seq_puts(m, ",\"container_id\":null");
	seq_printf(m, ",\"state\":\"%c\"", process->state);
	put_number(m, "vsz_kb", process->vsz_kb);
	put_number(m, "rss_kb", process->rss_kb);
	put_percent(m, "memory_percent", process->rss_kb, frame->host.total_kb);
	put_percent(m, "cpu_percent", to_us(process->cpu_ns), to_us(lived_ns));
	put_number(m, "cpu_us", to_us(process->cpu_ns));
	put_number(m, "start_us", to_us(process->start_ns));
	put_number_or_null(m, "read_bytes", process->io_known, process->read_bytes);
	put_number_or_null(m, "written_bytes", process->io_known, process->written_bytes);
	seq_putc(m, '}');
}

static void put_processes(struct seq_file *m, struct frame *frame, bool command_lines)
{
	size_t budget = command_lines ? COMMAND_LINES_MAX : 0;
	const char *before = "\n";
	const struct process *process;

	seq_printf(m, ",\n\"process_count\":%u,\n\"processes\":[", frame->process_count);
	list_for_each_entry(process, &frame->processes, node) {
		size_t room = min(sizeof(frame->scratch), budget);
		size_t len = room ? process_command_line(process->task, frame->scratch, room) : 0;

		budget -= len;
		seq_puts(m, before);
		put_process(m, frame, process, frame->scratch, len);
		before = ",\n";
		/* The buffer is full: seq_file will come again with a larger one. */
		if (seq_has_overflowed(m))
			return;
		cond_resched();
	}
	seq_putc(m, ']');
}

/* Prints the whole document; without command lines, each of them is the empty string. */
void document_print(struct seq_file *m, struct frame *frame, u64 sequence, bool command_lines)
{
	put_head(m, frame, sequence);
	put_host(m, &frame->host);
	put_containers(m, frame);
	put_processes(m, frame, command_lines);
	seq_puts(m, "}\n");
}
