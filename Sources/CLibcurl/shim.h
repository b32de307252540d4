/* libcurl's easy interface for Swift: one typed function for each argument type of the variadic setters. */
#pragma once
#include <curl/curl.h>
