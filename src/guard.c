/*
 * guard.c
 *		Trigger functions that keep tables append-only and journals balanced.
 *
 * They read only OLD, NEW and transition tables, validate, and never log or
 * write: a restore, a subscriber or a host's own trigger meets no surprise.
 */
#include "support_case.h"

#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

#include "errors.h"

/* ---------- append-only tables ---------- */

/*
 * refused_command checks that a guard is called as BEFORE UPDATE, DELETE or TRUNCATE
 * trigger and returns what it refuses.
 */
static const char *
refused_command(FunctionCallInfo fcinfo)
{
	TriggerEvent event;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function was not called as a trigger")));
	event = ((TriggerData *) fcinfo->context)->tg_event;
	if (!TRIGGER_FIRED_BEFORE(event) || TRIGGER_FIRED_BY_INSERT(event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("trigger function fired for the wrong event"),
				 errdetail("It must be fired BEFORE UPDATE, DELETE or TRUNCATE.")));
	if (TRIGGER_FIRED_BY_UPDATE(event))
		return "UPDATE";
	if (TRIGGER_FIRED_BY_DELETE(event))
		return "DELETE";
	return "TRUNCATE";
}

/* refuse_change keeps a table append-only (AMB-38). */
PG_FUNCTION_INFO_V1(sc_refuse_change);
Datum
sc_refuse_change(PG_FUNCTION_ARGS)
{
	const char *command = refused_command(fcinfo);
	Relation	table = ((TriggerData *) fcinfo->context)->tg_relation;

	ereport(ERROR,
			(errcode(ERRCODE_SC_APPEND_ONLY),
			 errmsg("table \"%s\" is append-only",
					RelationGetRelationName(table)),
			 errdetail("%s is not allowed: its rows are the record.", command),
			 errhint("Write a further row that corrects the earlier one."),
			 err_generic_string(PG_DIAG_SCHEMA_NAME,
								get_namespace_name(RelationGetNamespace(table))),
			 err_generic_string(PG_DIAG_TABLE_NAME,
								RelationGetRelationName(table))));
	return (Datum) 0;
}

/* refuse_version_change keeps the versions of policies and calendars. */
PG_FUNCTION_INFO_V1(sc_refuse_version_change);
Datum
sc_refuse_version_change(PG_FUNCTION_ARGS)
{
	const char *command = refused_command(fcinfo);
	Relation	table = ((TriggerData *) fcinfo->context)->tg_relation;

	ereport(ERROR,
			(errcode(ERRCODE_SC_VERSION_IMMUTABLE),
			 errmsg("versions in table \"%s\" are immutable",
					RelationGetRelationName(table)),
			 errdetail("%s is not allowed: cases and deadlines are pinned to the versions they began with.",
					   command),
			 errhint("Create a new version."),
			 err_generic_string(PG_DIAG_SCHEMA_NAME,
								get_namespace_name(RelationGetNamespace(table))),
			 err_generic_string(PG_DIAG_TABLE_NAME,
								RelationGetRelationName(table))));
	return (Datum) 0;
}

/* ---------- enrolment ---------- */

/*
 * refuse_opt_out keeps sellers in the programme (W-05).  Which change it
 * refuses is the trigger's WHEN condition.
 */
PG_FUNCTION_INFO_V1(sc_refuse_opt_out);
Datum
sc_refuse_opt_out(PG_FUNCTION_ARGS)
{
	const char *command = refused_command(fcinfo);
	Relation	table = ((TriggerData *) fcinfo->context)->tg_relation;

	ereport(ERROR,
			(errcode(ERRCODE_CHECK_VIOLATION),
			 errmsg("an enrolled seller stays enrolled"),
			 errdetail("%s of table \"%s\" would take a seller out of the programme.",
					   command, RelationGetRelationName(table)),
			 errhint("Leave is_enabled out, or pass true: there is no opt-out."),
			 err_generic_string(PG_DIAG_SCHEMA_NAME,
								get_namespace_name(RelationGetNamespace(table))),
			 err_generic_string(PG_DIAG_TABLE_NAME,
								RelationGetRelationName(table))));
	return (Datum) 0;
}

/* ---------- balanced journals ---------- */

/*
 * A journal that is not balanced yet.  One that reaches zero is forgotten, so
 * that rows which come journal by journal, as postings and restores do, need
 * only one or two slots; a hash table takes over where many stay open.
 */
typedef struct JournalKey
{
	int64		seller_id;
	int64		case_id;
	int64		journal_number;
	char		currency[8];
} JournalKey;

typedef struct OpenJournal
{
	JournalKey	key;
	int128		difference;
} OpenJournal;

#define OPEN_SLOTS 16

typedef struct Balance
{
	int			open_count;
	OpenJournal open[OPEN_SLOTS];
	HTAB	   *overflow;		/* once more than OPEN_SLOTS were open */
} Balance;

/* The columns the guard reads. */
enum
{
	SELLER_ID,
	CASE_ID,
	JOURNAL_NUMBER,
	CURRENCY,
	AMOUNT,
	COLUMN_COUNT
};

static const struct
{
	const char *name;
	Oid			type;
}			columns[COLUMN_COUNT] =
{
	[SELLER_ID] = {"seller_id", INT8OID},
	[CASE_ID] = {"case_id", INT8OID},
	[JOURNAL_NUMBER] = {"journal_number", INT4OID},
	[CURRENCY] = {"currency", TEXTOID},
	[AMOUNT] = {"amount", INT8OID},
};

/* find_columns looks the columns up by name: a migration may reorder them. */
static void
find_columns(Relation table, int *attnums)
{
	TupleDesc	desc = RelationGetDescr(table);

	for (int i = 0; i < COLUMN_COUNT; i++)
	{
		attnums[i] = SPI_fnumber(desc, columns[i].name);
		if (attnums[i] <= 0 ||
			TupleDescAttr(desc, attnums[i] - 1)->atttypid != columns[i].type)
			ereport(ERROR,
					(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
					 errmsg("table \"%s\" is not a table of ledger entries",
							RelationGetRelationName(table)),
					 errdetail("It lacks column \"%s\" of type %s.",
							   columns[i].name,
							   format_type_be(columns[i].type))));
	}
}

/* int128_text writes a 128-bit number: printf cannot. */
static char *
int128_text(int128 value)
{
	char		digits[48];
	char	   *position = digits + sizeof(digits);
	uint128		rest = value < 0 ? -(uint128) value : (uint128) value;

	*--position = '\0';
	do
	{
		*--position = '0' + (int) (rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (value < 0)
		*--position = '-';
	return pstrdup(position);
}

/* refuse_journal reports a journal, with what is wrong with it. */
static void
refuse_journal(Relation table, const JournalKey *key, const char *message,
			   const char *detail, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_SC_UNBALANCED_JOURNAL),
			 errmsg_internal("%s", message),
			 errdetail("Journal %lld of case %lld, seller %lld: %s",
					   (long long) key->journal_number,
					   (long long) key->case_id,
					   (long long) key->seller_id,
					   detail),
			 errhint("%s", hint),
			 err_generic_string(PG_DIAG_SCHEMA_NAME,
								get_namespace_name(RelationGetNamespace(table))),
			 err_generic_string(PG_DIAG_TABLE_NAME,
								RelationGetRelationName(table))));
}

/* read_currency copies the code, padded with zeros to compare as bytes. */
static void
read_currency(Relation table, Datum value, JournalKey *key)
{
	text	   *currency = DatumGetTextPP(value);
	Size		length = VARSIZE_ANY_EXHDR(currency);

	memset(key->currency, 0, sizeof(key->currency));
	if (length >= sizeof(key->currency))
		refuse_journal(table, key, "ledger entry has no currency code",
					   "an entry's currency is longer than a code.",
					   "Give the ISO 4217 code of the order's currency.");
	memcpy(key->currency, VARDATA_ANY(currency), length);
}

/* read_entry unpacks a row of the transition table. */
static int64
read_entry(Relation table, TupleTableSlot *slot, const int *attnums,
		   JournalKey *key)
{
	Datum		values[COLUMN_COUNT];
	int64		amount;

	for (int i = 0; i < COLUMN_COUNT; i++)
	{
		bool		is_null;

		values[i] = slot_getattr(slot, attnums[i], &is_null);
		if (is_null)
			ereport(ERROR,
					(errcode(ERRCODE_NOT_NULL_VIOLATION),
					 errmsg("null value in column \"%s\" of a ledger entry",
							columns[i].name),
					 errtablecol(table, attnums[i])));
	}
	key->seller_id = DatumGetInt64(values[SELLER_ID]);
	key->case_id = DatumGetInt64(values[CASE_ID]);
	key->journal_number = DatumGetInt32(values[JOURNAL_NUMBER]);
	read_currency(table, values[CURRENCY], key);
	amount = DatumGetInt64(values[AMOUNT]);
	if (amount == 0)
		refuse_journal(table, key, "ledger entry has no amount",
					   psprintf("an entry in %s is zero.", key->currency),
					   "Leave out entries without an amount.");
	return amount;
}

/* spill moves the open journals into a hash table. */
static void
spill(Balance *balance)
{
	HASHCTL		control = {
		.keysize = sizeof(JournalKey),
		.entrysize = sizeof(OpenJournal),
		.hcxt = CurrentMemoryContext,
	};

	balance->overflow = hash_create("open journals", 1024, &control,
									HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	for (int i = 0; i < balance->open_count; i++)
	{
		OpenJournal *entry = hash_search(balance->overflow,
										 &balance->open[i].key,
										 HASH_ENTER, NULL);

		entry->difference = balance->open[i].difference;
	}
	balance->open_count = 0;
}

/* add_to_hash is add_entry where many journals are open at a time. */
static void
add_to_hash(Balance *balance, const JournalKey *key, int64 amount)
{
	bool		found;
	OpenJournal *entry = hash_search(balance->overflow, key, HASH_ENTER,
									 &found);

	entry->difference = amount + (found ? entry->difference : 0);
	if (entry->difference == 0)
		hash_search(balance->overflow, key, HASH_REMOVE, NULL);
}

/* add_entry adds a row to its journal. */
static void
add_entry(Balance *balance, const JournalKey *key, int64 amount)
{
	if (balance->overflow == NULL)
	{
		/* the journal used last is the likeliest */
		for (int i = balance->open_count - 1; i >= 0; i--)
		{
			OpenJournal *journal = &balance->open[i];

			if (memcmp(&journal->key, key, sizeof(JournalKey)) != 0)
				continue;
			journal->difference += amount;
			if (journal->difference == 0)
				*journal = balance->open[--balance->open_count];
			return;
		}
		if (balance->open_count < OPEN_SLOTS)
		{
			balance->open[balance->open_count].key = *key;
			balance->open[balance->open_count++].difference = amount;
			return;
		}
		spill(balance);
	}
	add_to_hash(balance, key, amount);
}

static int
compare_journals(const JournalKey *a, const JournalKey *b)
{
	if (a->seller_id != b->seller_id)
		return a->seller_id < b->seller_id ? -1 : 1;
	if (a->case_id != b->case_id)
		return a->case_id < b->case_id ? -1 : 1;
	if (a->journal_number != b->journal_number)
		return a->journal_number < b->journal_number ? -1 : 1;
	return memcmp(a->currency, b->currency, sizeof(a->currency));
}

/* keep_first keeps the open journal with the lowest key. */
static void
keep_first(OpenJournal *first, bool *any, const OpenJournal *journal)
{
	if (*any && compare_journals(&first->key, &journal->key) <= 0)
		return;
	*first = *journal;
	*any = true;
}

/* refuse_open reports the first journal that is still open, if any. */
static void
refuse_open(Relation table, Balance *balance)
{
	OpenJournal first;
	bool		any = false;

	for (int i = 0; i < balance->open_count; i++)
		keep_first(&first, &any, &balance->open[i]);
	if (balance->overflow != NULL)
	{
		HASH_SEQ_STATUS status;
		OpenJournal *journal;

		hash_seq_init(&status, balance->overflow);
		while ((journal = hash_seq_search(&status)) != NULL)
			keep_first(&first, &any, journal);
	}
	if (any)
		refuse_journal(table, &first.key, "journal is not balanced",
					   psprintf("its entries in %s add up to %s minor units instead of zero.",
								first.key.currency,
								int128_text(first.difference)),
					   "Insert all entries of a journal in one statement.");
}

/*
 * check_journal_balance is an AFTER INSERT statement trigger with a NEW
 * transition table: the entries of every journal add up to zero per currency,
 * and none is zero.
 */
PG_FUNCTION_INFO_V1(sc_check_journal_balance);
Datum
sc_check_journal_balance(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	Balance		balance;
	int			attnums[COLUMN_COUNT];
	TupleTableSlot *slot;
	JournalKey	key;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function was not called as a trigger")));
	if (!TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event) ||
		!TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ||
		trigger->tg_newtable == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("trigger function fired for the wrong event"),
				 errdetail("It must be fired AFTER INSERT FOR EACH STATEMENT, with REFERENCING NEW TABLE.")));

	find_columns(trigger->tg_relation, attnums);
	balance.open_count = 0;
	balance.overflow = NULL;
	memset(&key, 0, sizeof(key));	/* no stray padding: keys compare as bytes */
	slot = MakeSingleTupleTableSlot(RelationGetDescr(trigger->tg_relation),
									&TTSOpsMinimalTuple);

	/* Other triggers may have read the transition table before. */
	tuplestore_select_read_pointer(trigger->tg_newtable, 0);
	tuplestore_rescan(trigger->tg_newtable);
	while (tuplestore_gettupleslot(trigger->tg_newtable, true, false, slot))
	{
		int64		amount = read_entry(trigger->tg_relation, slot, attnums,
										&key);

		CHECK_FOR_INTERRUPTS();
		add_entry(&balance, &key, amount);
	}
	ExecDropSingleTupleTableSlot(slot);
	refuse_open(trigger->tg_relation, &balance);
	if (balance.overflow != NULL)
		hash_destroy(balance.overflow);
	return PointerGetDatum(NULL);
}
