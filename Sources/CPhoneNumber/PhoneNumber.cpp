#include "CPhoneNumber.h"

#include <phonenumbers/phonenumberutil.h>

#include <cstring>
#include <string>

size_t limn_phone_number_e164(const char *text, size_t length, char *digits) {
    using i18n::phonenumbers::PhoneNumber;
    using i18n::phonenumbers::PhoneNumberUtil;
    const PhoneNumberUtil *numbers = PhoneNumberUtil::GetInstance();
    PhoneNumber number;
    if (numbers->Parse(std::string(text, length), "ZZ", &number) != PhoneNumberUtil::NO_PARSING_ERROR) return 0;
    if (!numbers->IsPossibleNumber(number)) return 0;
    std::string form;
    numbers->Format(number, PhoneNumberUtil::E164, &form);
    if (form.size() < 2 || form.size() > 20) return 0;
    memcpy(digits, form.data() + 1, form.size() - 1);
    return form.size() - 1;
}
