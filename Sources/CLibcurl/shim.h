/* libcurl's easy interface for Swift: one typed function for each argument type of the variadic setters and getters.
   The parentheses around a variadic name keep libcurl's own type-checking macros away. Needs libcurl 7.85 or later. */
#pragma once
#include <curl/curl.h>

static inline CURLcode limn_curl_set_number(CURL *handle, CURLoption option, long value) {
    return (curl_easy_setopt)(handle, option, value);
}

static inline CURLcode limn_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
    return (curl_easy_setopt)(handle, option, value);
}

/* libcurl copies the text; a null pointer unsets the option. */
static inline CURLcode limn_curl_set_text(CURL *handle, CURLoption option, const char *_Nullable value) {
    return (curl_easy_setopt)(handle, option, value);
}

/* libcurl keeps the pointer: what it points to outlives the transfer. */
static inline CURLcode limn_curl_set_pointer(CURL *handle, CURLoption option, void *_Nullable value) {
    return (curl_easy_setopt)(handle, option, value);
}

/* For CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION. */
static inline CURLcode limn_curl_set_write(CURL *handle, CURLoption option, curl_write_callback value) {
    return (curl_easy_setopt)(handle, option, value);
}

static inline CURLcode limn_curl_set_read(CURL *handle, curl_read_callback value) {
    return (curl_easy_setopt)(handle, CURLOPT_READFUNCTION, value);
}

static inline CURLcode limn_curl_set_seek(CURL *handle, curl_seek_callback value) {
    return (curl_easy_setopt)(handle, CURLOPT_SEEKFUNCTION, value);
}

static inline CURLcode limn_curl_set_progress(CURL *handle, curl_xferinfo_callback value) {
    return (curl_easy_setopt)(handle, CURLOPT_XFERINFOFUNCTION, value);
}

static inline CURLcode limn_curl_set_socket_setup(CURL *handle, curl_sockopt_callback value) {
    return (curl_easy_setopt)(handle, CURLOPT_SOCKOPTFUNCTION, value);
}

static inline CURLcode limn_curl_get_size(CURL *handle, CURLINFO info, curl_off_t *value) {
    return (curl_easy_getinfo)(handle, info, value);
}

static inline CURLcode limn_curl_get_number(CURL *handle, CURLINFO info, long *value) {
    return (curl_easy_getinfo)(handle, info, value);
}
