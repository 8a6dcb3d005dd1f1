/*
 * contact_words.c
 *		Words that contact data is known by.
 */
#include "contact_words.h"

typedef struct Word
{
	const char *word;
	int			meaning;
} Word;

/* Sorted: the search is binary. */
static const Word words[] = {
	{"account", SC_SAYS_OTHER_NUMBER},
	{"am", SC_SAYS_GO_ON},
	{"as", SC_SAYS_GO_ON},
	{"at", SC_SAYS_GO_ON},
	{"awb", SC_SAYS_OTHER_NUMBER},
	{"bestellnummer", SC_SAYS_OTHER_NUMBER},
	{"bestellung", SC_SAYS_OTHER_NUMBER},
	{"call", SC_SAYS_TELEPHONE},
	{"case", SC_SAYS_OTHER_NUMBER},
	{"cell", SC_SAYS_TELEPHONE},
	{"code", SC_SAYS_OTHER_NUMBER},
	{"commande", SC_SAYS_OTHER_NUMBER},
	{"consignment", SC_SAYS_OTHER_NUMBER},
	{"discord", SC_SAYS_SOCIAL},
	{"ean", SC_SAYS_OTHER_NUMBER},
	{"facebook", SC_SAYS_SOCIAL},
	{"fax", SC_SAYS_TELEPHONE},
	{"fb", SC_SAYS_SOCIAL},
	{"gtin", SC_SAYS_OTHER_NUMBER},
	{"handy", SC_SAYS_TELEPHONE},
	{"iban", SC_SAYS_OTHER_NUMBER},
	{"id", SC_SAYS_OTHER_NUMBER},
	{"ig", SC_SAYS_SOCIAL},
	{"imei", SC_SAYS_OTHER_NUMBER},
	{"insta", SC_SAYS_SOCIAL},
	{"instagram", SC_SAYS_SOCIAL},
	{"invoice", SC_SAYS_OTHER_NUMBER},
	{"is", SC_SAYS_GO_ON},
	{"isbn", SC_SAYS_OTHER_NUMBER},
	{"item", SC_SAYS_OTHER_NUMBER},
	{"me", SC_SAYS_GO_ON},
	{"mobil", SC_SAYS_TELEPHONE},
	{"mobile", SC_SAYS_TELEPHONE},
	{"my", SC_SAYS_GO_ON},
	{"no", SC_SAYS_GO_ON},
	{"nr", SC_SAYS_GO_ON},
	{"number", SC_SAYS_GO_ON},
	{"nummer", SC_SAYS_GO_ON},
	{"on", SC_SAYS_GO_ON},
	{"order", SC_SAYS_OTHER_NUMBER},
	{"parcel", SC_SAYS_OTHER_NUMBER},
	{"pedido", SC_SAYS_OTHER_NUMBER},
	{"phone", SC_SAYS_TELEPHONE},
	{"ref", SC_SAYS_OTHER_NUMBER},
	{"reference", SC_SAYS_OTHER_NUMBER},
	{"ring", SC_SAYS_TELEPHONE},
	{"sendungsnummer", SC_SAYS_OTHER_NUMBER},
	{"serial", SC_SAYS_OTHER_NUMBER},
	{"shipment", SC_SAYS_OTHER_NUMBER},
	{"sku", SC_SAYS_OTHER_NUMBER},
	{"sms", SC_SAYS_TELEPHONE},
	{"snap", SC_SAYS_SOCIAL},
	{"snapchat", SC_SAYS_SOCIAL},
	{"tel", SC_SAYS_TELEPHONE},
	{"telefon", SC_SAYS_TELEPHONE},
	{"telefono", SC_SAYS_TELEPHONE},
	{"telegram", SC_SAYS_SOCIAL},
	{"telephone", SC_SAYS_TELEPHONE},
	{"text", SC_SAYS_TELEPHONE},
	{"the", SC_SAYS_GO_ON},
	{"tiktok", SC_SAYS_SOCIAL},
	{"tracking", SC_SAYS_OTHER_NUMBER},
	{"twitter", SC_SAYS_SOCIAL},
	{"upc", SC_SAYS_OTHER_NUMBER},
	{"us", SC_SAYS_GO_ON},
	{"was", SC_SAYS_GO_ON},
	{"whatsapp", SC_SAYS_TELEPHONE},
};

static const Word domains[] = {
	{"ai", SC_DOMAIN},
	{"app", SC_DOMAIN},
	{"at", SC_DOMAIN_WITH_PATH},
	{"au", SC_DOMAIN},
	{"be", SC_DOMAIN_WITH_PATH},
	{"biz", SC_DOMAIN},
	{"br", SC_DOMAIN},
	{"ca", SC_DOMAIN},
	{"cc", SC_DOMAIN},
	{"ch", SC_DOMAIN},
	{"cn", SC_DOMAIN},
	{"co", SC_DOMAIN},
	{"com", SC_DOMAIN},
	{"cz", SC_DOMAIN},
	{"de", SC_DOMAIN},
	{"dev", SC_DOMAIN},
	{"dk", SC_DOMAIN},
	{"do", SC_DOMAIN_WITH_PATH},
	{"edu", SC_DOMAIN},
	{"es", SC_DOMAIN},
	{"eu", SC_DOMAIN},
	{"fi", SC_DOMAIN},
	{"fr", SC_DOMAIN},
	{"gg", SC_DOMAIN},
	{"gl", SC_DOMAIN},
	{"gov", SC_DOMAIN},
	{"gr", SC_DOMAIN},
	{"ie", SC_DOMAIN},
	{"in", SC_DOMAIN_WITH_PATH},
	{"info", SC_DOMAIN},
	{"io", SC_DOMAIN},
	{"is", SC_DOMAIN_WITH_PATH},
	{"it", SC_DOMAIN_WITH_PATH},
	{"jp", SC_DOMAIN},
	{"kr", SC_DOMAIN},
	{"link", SC_DOMAIN_WITH_PATH},
	{"live", SC_DOMAIN_WITH_PATH},
	{"ly", SC_DOMAIN},
	{"me", SC_DOMAIN_WITH_PATH},
	{"mx", SC_DOMAIN},
	{"my", SC_DOMAIN_WITH_PATH},
	{"net", SC_DOMAIN},
	{"nl", SC_DOMAIN},
	{"no", SC_DOMAIN_WITH_PATH},
	{"nz", SC_DOMAIN},
	{"online", SC_DOMAIN_WITH_PATH},
	{"org", SC_DOMAIN},
	{"page", SC_DOMAIN_WITH_PATH},
	{"pl", SC_DOMAIN},
	{"pt", SC_DOMAIN},
	{"ru", SC_DOMAIN},
	{"se", SC_DOMAIN},
	{"shop", SC_DOMAIN},
	{"site", SC_DOMAIN_WITH_PATH},
	{"store", SC_DOMAIN_WITH_PATH},
	{"to", SC_DOMAIN_WITH_PATH},
	{"tv", SC_DOMAIN},
	{"ua", SC_DOMAIN},
	{"uk", SC_DOMAIN},
	{"us", SC_DOMAIN_WITH_PATH},
	{"xyz", SC_DOMAIN},
};

/* find_word returns the meaning of a word, case ignored, or 0. */
static int
find_word(const Word *table, int count, const char *bytes, size_t length)
{
	int			low = 0;
	int			high = count - 1;

	while (low <= high)
	{
		int			middle = (low + high) / 2;
		const char *word = table[middle].word;
		int			order = pg_strncasecmp(bytes, word, length);

		if (order == 0 && word[length] == '\0')
			return table[middle].meaning;
		if (order > 0)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return 0;
}

ScWordMeaning
sc_word_meaning(const char *word, size_t length)
{
	return find_word(words, lengthof(words), word, length);
}

ScDomainKind
sc_domain_kind(const char *label, size_t length)
{
	return find_word(domains, lengthof(domains), label, length);
}
