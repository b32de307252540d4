#ifndef C_PHONE_NUMBER_H
#define C_PHONE_NUMBER_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Writes a telephone number as E.164 without the plus sign, by libphonenumber: `+44 (0)20 7946 0958` is `442079460958`.
///
/// - Parameters: `text` is a plus sign, digits and what people put between them, `length` its bytes; `digits` takes at least 20 bytes.
/// - Returns: how many digits were written; 0 where no country has numbers of this length.
size_t limn_phone_number_e164(const char *text, size_t length, char *digits);

#ifdef __cplusplus
}
#endif

#endif
