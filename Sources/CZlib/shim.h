/* The system's zlib: deflate and CRC-32 for spreadsheet files. */
#pragma once
#include <zlib.h>
