// libFuzzer's driver, and what memory a piece of work takes.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Runs libFuzzer with the arguments of a program; returns its exit code.
int fuzzer_run(int argc, char **argv, int (*one)(const uint8_t *bytes, size_t count));

// From now on counts what this thread allocates and frees.
void memory_begin(void);

// Ends the counting, and returns the most bytes that were allocated at once since it began.
size_t memory_end(void);
