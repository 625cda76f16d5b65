/* A strict reader of JSON that keeps nothing: it only says whether the text is valid. */
#include <string.h>

#include "guest.h"

struct text {
	const unsigned char *at, *end;
	int depth;
};

static bool value(struct text *t);

static void space(struct text *t)
{
	while (t->at < t->end && strchr(" \t\r\n", *t->at) && *t->at)
		t->at++;
}

static bool take(struct text *t, char c)
{
	if (t->at == t->end || *t->at != (unsigned char)c)
		return false;
	t->at++;
	return true;
}

static bool word(struct text *t, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(t->end - t->at) < len || memcmp(t->at, word, len))
		return false;
	t->at += len;
	return true;
}

/* One UTF-8 character above ASCII, by its decoded value: no overlong form, no surrogate. */
static bool utf8(struct text *t)
{
	unsigned char first = *t->at;
	int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
	unsigned long code = first & (0x3f >> more);
	static const unsigned long least[] = { 0, 0x80, 0x800, 0x10000 };
	int i;

	if (first < 0xc0 || first > 0xf7 || t->end - t->at <= more)
		return false;
	for (i = 1; i <= more; i++) {
		if ((t->at[i] & 0xc0) != 0x80)
			return false;
		code = code << 6 | (t->at[i] & 0x3f);
	}
	if (code < least[more] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return false;
	t->at += more + 1;
	return true;
}

static bool escape(struct text *t)
{
	int i;

	if (t->at == t->end)
		return false;
	if (*t->at != 'u')
		return strchr("\"\\/bfnrt", *t->at++) != NULL;
	t->at++;
	for (i = 0; i < 4; i++, t->at++)
		if (t->at == t->end || !strchr("0123456789abcdefABCDEF", *t->at) || !*t->at)
			return false;
	return true;
}

static bool string(struct text *t)
{
	if (!take(t, '"'))
		return false;
	while (t->at < t->end && *t->at != '"') {
		if (*t->at < 0x20)
			return false;
		if (*t->at == '\\') {
			t->at++;
			if (!escape(t))
				return false;
		} else if (*t->at >= 0x80) {
			if (!utf8(t))
				return false;
		} else {
			t->at++;
		}
	}
	return take(t, '"');
}

static bool digits(struct text *t)
{
	const unsigned char *start = t->at;

	while (t->at < t->end && *t->at >= '0' && *t->at <= '9')
		t->at++;
	return t->at > start;
}

static bool number(struct text *t)
{
	take(t, '-');
	if (!take(t, '0') && !digits(t))
		return false;
	return !take(t, '.') || digits(t);
}

static bool members(struct text *t, char close, bool keys)
{
	space(t);
	if (take(t, close))
		return true;
	do {
		space(t);
		if (keys && (!string(t) || (space(t), !take(t, ':'))))
			return false;
		if (!value(t))
			return false;
		space(t);
	} while (take(t, ','));
	return take(t, close);
}

static bool value(struct text *t)
{
	bool ok;

	space(t);
	if (t->at == t->end || ++t->depth > 32)
		return false;
	if (take(t, '{'))
		ok = members(t, '}', true);
	else if (take(t, '['))
		ok = members(t, ']', false);
	else if (*t->at == '"')
		ok = string(t);
	else
		ok = word(t, "true") || word(t, "false") || word(t, "null") || number(t);
	t->depth--;
	return ok;
}

bool json_valid(const char *text, size_t len, size_t *at)
{
	struct text t = { (const unsigned char *)text, (const unsigned char *)text + len, 0 };
	bool ok = value(&t);

	space(&t);
	*at = (const char *)t.at - text;
	return ok && t.at == t.end;
}
