/* The parts of libzstd that the wire format uses. */
#pragma once
#include <zstd.h>
#include <zstd_errors.h>
