/*
 * contact_data.h
 *		Contact data in a text, as pure functions (V-06, AMB-99).
 *
 * Texts are bytes in an encoding whose multibyte characters have no ASCII
 * byte, as every server encoding of PostgreSQL.  Nothing here allocates
 * memory, raises an error or knows of SQL.
 */
#ifndef SUPPORT_CASE_CONTACT_DATA_H
#define SUPPORT_CASE_CONTACT_DATA_H

#include "postgres.h"

typedef enum ScContactKind
{
	SC_CONTACT_EMAIL,
	SC_CONTACT_TELEPHONE,
	SC_CONTACT_LINK,
	SC_CONTACT_HANDLE
} ScContactKind;

#define SC_CONTACT_KIND_COUNT (SC_CONTACT_HANDLE + 1)

/* One occurrence: the bytes from start up to, not including, end. */
typedef struct ScContact
{
	ScContactKind kind;
	size_t		start;
	size_t		end;
} ScContact;

/* A walk through a text; the caller sets the first two and zeros the rest. */
typedef struct ScContactScan
{
	const char *text;
	size_t		length;
	size_t		position;		/* everything before it has been looked at */
	size_t		token_end;		/* where the token here ends */
	bool		is_searched;	/* no address or link is left in the token */
	size_t		digits_end;		/* a series of digits that is no number */
} ScContactScan;

extern bool sc_next_contact(ScContactScan *scan, ScContact *contact);
extern const char *sc_contact_kind_name(ScContactKind kind);

#endif							/* SUPPORT_CASE_CONTACT_DATA_H */
