/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The inside of JSON strings (RFC 8259) from any bytes. Pure C, shared with the user-space
 * fuzzer.
 */
#ifndef SENSOR_JSON_H
#define SENSOR_JSON_H

#include "portable.h"

/* Room for the longest escape, "\u001f"; also for U+FFFD (3 bytes) and any UTF-8 character (4). */
#define JSON_CHAR_MAX 6

/* How many leading bytes of a string can be copied as they are. */
static inline size_t json_plain_run(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char c = text[i];

		if (c < 0x20 || c > 0x7e || c == '"' || c == '\\')
			break;
	}
	return i;
}

/*
 * The range that the second byte of a UTF-8 sequence must be in, and the length of the
 * sequence, by its first byte (Unicode 15, table 3-7): this is what forbids overlong forms,
 * surrogates and anything above U+10FFFF. Returns 0 for a byte that starts no sequence.
 */
static inline size_t utf8_shape(unsigned char first, unsigned char *low, unsigned char *high)
{
	*low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	*high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;

	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	if (first >= 0xf0 && first <= 0xf4)
		return 4;
	return 0;
}

/*
 * Length of the valid start of the UTF-8 sequence at text, at least 1 where text[0] is no
 * ASCII; *whole says whether the sequence is complete.
 */
static inline size_t utf8_prefix(const char *text, size_t len, bool *whole)
{
	unsigned char low, high;
	size_t wanted = utf8_shape(text[0], &low, &high);
	size_t got = 1;

	while (got < wanted && got < len) {
		unsigned char c = text[got];

		if (c < low || c > high)
			break;
		low = 0x80;
		high = 0xbf;
		got++;
	}
	*whole = wanted && got == wanted;
	return got;
}

/* The length of text without a last character that was cut in the middle. */
static inline size_t utf8_trim(const char *text, size_t len)
{
	unsigned char low, high;
	size_t back;

	for (back = 1; back <= 3 && back <= len; back++) {
		unsigned char c = text[len - back];

		if ((c & 0xc0) != 0x80)
			return utf8_shape(c, &low, &high) > back ? len - back : len;
	}
	return len;
}

/*
 * Writes the first character of text as JSON into out and sets *written. Returns how many bytes
 * of text it was; len must not be 0. What is not UTF-8 becomes U+FFFD, one for each maximal
 * part of a sequence, as the Unicode standard recommends and text decoders do.
 */
static inline size_t json_char(const char *text, size_t len, char out[JSON_CHAR_MAX],
			       size_t *written)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char c = text[0];
	bool whole;
	size_t used;

	if (c == '"' || c == '\\') {
		out[0] = '\\';
		out[1] = c;
		*written = 2;
		return 1;
	}
	if (c < 0x20) {
		memcpy(out, "\\u00", 4);
		out[4] = hex[c >> 4];
		out[5] = hex[c & 15];
		*written = 6;
		return 1;
	}
	if (c < 0x80) {
		out[0] = c;
		*written = 1;
		return 1;
	}
	used = utf8_prefix(text, len, &whole);
	if (whole) {
		memcpy(out, text, used);
		*written = used;
	} else {
		memcpy(out, "\xef\xbf\xbd", 3);
		*written = 3;
	}
	return used;
}

#endif
