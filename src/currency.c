/*
 * currency.c
 *		Currencies and the decimal form of their amounts, as pure functions.
 */
#include "currency.h"

#include "common/int.h"

/*
 * The active alphabetic codes of ISO 4217, sorted.  Left out are the codes
 * nobody pays with: funds, metals, banks' units of account, test codes.
 * CLF and UYW stay: prices are quoted in them, with four decimals.
 */
static const ScCurrency currencies[] = {
	{"AED", 2}, {"AFN", 2}, {"ALL", 2}, {"AMD", 2}, {"AOA", 2},
	{"ARS", 2}, {"AUD", 2}, {"AWG", 2}, {"AZN", 2}, {"BAM", 2},
	{"BBD", 2}, {"BDT", 2}, {"BHD", 3}, {"BIF", 0}, {"BMD", 2},
	{"BND", 2}, {"BOB", 2}, {"BRL", 2}, {"BSD", 2}, {"BTN", 2},
	{"BWP", 2}, {"BYN", 2}, {"BZD", 2}, {"CAD", 2}, {"CDF", 2},
	{"CHF", 2}, {"CLF", 4}, {"CLP", 0}, {"CNY", 2}, {"COP", 2},
	{"CRC", 2}, {"CUP", 2}, {"CVE", 2}, {"CZK", 2}, {"DJF", 0},
	{"DKK", 2}, {"DOP", 2}, {"DZD", 2}, {"EGP", 2}, {"ERN", 2},
	{"ETB", 2}, {"EUR", 2}, {"FJD", 2}, {"FKP", 2}, {"GBP", 2},
	{"GEL", 2}, {"GHS", 2}, {"GIP", 2}, {"GMD", 2}, {"GNF", 0},
	{"GTQ", 2}, {"GYD", 2}, {"HKD", 2}, {"HNL", 2}, {"HTG", 2},
	{"HUF", 2}, {"IDR", 2}, {"ILS", 2}, {"INR", 2}, {"IQD", 3},
	{"IRR", 2}, {"ISK", 0}, {"JMD", 2}, {"JOD", 3}, {"JPY", 0},
	{"KES", 2}, {"KGS", 2}, {"KHR", 2}, {"KMF", 0}, {"KPW", 2},
	{"KRW", 0}, {"KWD", 3}, {"KYD", 2}, {"KZT", 2}, {"LAK", 2},
	{"LBP", 2}, {"LKR", 2}, {"LRD", 2}, {"LSL", 2}, {"LYD", 3},
	{"MAD", 2}, {"MDL", 2}, {"MGA", 2}, {"MKD", 2}, {"MMK", 2},
	{"MNT", 2}, {"MOP", 2}, {"MRU", 2}, {"MUR", 2}, {"MVR", 2},
	{"MWK", 2}, {"MXN", 2}, {"MYR", 2}, {"MZN", 2}, {"NAD", 2},
	{"NGN", 2}, {"NIO", 2}, {"NOK", 2}, {"NPR", 2}, {"NZD", 2},
	{"OMR", 3}, {"PAB", 2}, {"PEN", 2}, {"PGK", 2}, {"PHP", 2},
	{"PKR", 2}, {"PLN", 2}, {"PYG", 0}, {"QAR", 2}, {"RON", 2},
	{"RSD", 2}, {"RUB", 2}, {"RWF", 0}, {"SAR", 2}, {"SBD", 2},
	{"SCR", 2}, {"SDG", 2}, {"SEK", 2}, {"SGD", 2}, {"SHP", 2},
	{"SLE", 2}, {"SOS", 2}, {"SRD", 2}, {"SSP", 2}, {"STN", 2},
	{"SVC", 2}, {"SYP", 2}, {"SZL", 2}, {"THB", 2}, {"TJS", 2},
	{"TMT", 2}, {"TND", 3}, {"TOP", 2}, {"TRY", 2}, {"TTD", 2},
	{"TWD", 2}, {"TZS", 2}, {"UAH", 2}, {"UGX", 0}, {"USD", 2},
	{"UYU", 2}, {"UYW", 4}, {"UZS", 2}, {"VED", 2}, {"VES", 2},
	{"VND", 0}, {"VUV", 0}, {"WST", 2}, {"XAF", 0}, {"XCD", 2},
	{"XCG", 2}, {"XOF", 0}, {"XPF", 0}, {"YER", 2}, {"ZAR", 2},
	{"ZMW", 2}, {"ZWG", 2},
};

#define CURRENCY_COUNT 157

StaticAssertDecl(lengthof(currencies) == CURRENCY_COUNT,
				 "no currency is lost");

/* sc_all_currencies returns the table, sorted by code. */
const ScCurrency *
sc_all_currencies(int *count)
{
	*count = CURRENCY_COUNT;
	return currencies;
}

/* sc_find_currency returns a currency by its upper-case code, or NULL. */
const ScCurrency *
sc_find_currency(const char *code, size_t length)
{
	int			low = 0;
	int			high = CURRENCY_COUNT - 1;

	if (length != SC_CURRENCY_LENGTH)
		return NULL;
	while (low <= high)
	{
		int			middle = (low + high) / 2;
		int			order = memcmp(code, currencies[middle].code,
								   SC_CURRENCY_LENGTH);

		if (order == 0)
			return &currencies[middle];
		if (order < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}
	return NULL;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * sc_parse_decimal reads [sign] digits [. digits] as minor units; digits may
 * stand on either side of the point or both, and zeros beyond the currency's
 * decimals change nothing.  The smallest int64 is out of range, so that every
 * amount has a negative.  *end is where the number ends, in any case.
 */
ScDecimalResult
sc_parse_decimal(const char *text, int exponent, int64 *minor,
				 const char **end)
{
	bool		negative = (*text == '-');
	bool		in_range = true;
	bool		exact = true;
	int			digits = 0;
	int			decimals = 0;
	int64		value = 0;

	if (*text == '-' || *text == '+')
		text++;
	for (bool after_point = false;; text++)
	{
		if (*text == '.' && !after_point)
		{
			after_point = true;
			continue;
		}
		if (!is_digit(*text))
			break;
		digits++;
		if (after_point && decimals == exponent)
		{
			exact = exact && *text == '0';
			continue;
		}
		decimals += after_point;
		in_range = in_range && !pg_mul_s64_overflow(value, 10, &value) &&
			!pg_add_s64_overflow(value, *text - '0', &value);
	}
	for (; decimals < exponent; decimals++)
		in_range = in_range && !pg_mul_s64_overflow(value, 10, &value);

	*end = text;
	if (digits == 0)
		return SC_DECIMAL_MALFORMED;
	if (!exact)
		return SC_DECIMAL_TOO_PRECISE;
	if (!in_range)
		return SC_DECIMAL_OUT_OF_RANGE;
	*minor = negative ? -value : value;
	return SC_DECIMAL_OK;
}

/*
 * sc_format_decimal writes minor units with exactly the given decimals into
 * text, SC_DECIMAL_LENGTH bytes of room, and returns the length.
 */
int
sc_format_decimal(int64 minor, int exponent, char *text)
{
	char		digits[SC_DECIMAL_LENGTH];
	uint64		rest = minor < 0 ? -(uint64) minor : (uint64) minor;
	int			count = 0;
	int			length = 0;

	/* backwards, at least one digit before the point */
	while (rest > 0 || count <= exponent)
	{
		digits[count++] = '0' + (char) (rest % 10);
		rest /= 10;
	}
	if (minor < 0)
		text[length++] = '-';
	while (count > 0)
	{
		if (count == exponent)
			text[length++] = '.';
		text[length++] = digits[--count];
	}
	text[length] = '\0';
	return length;
}
