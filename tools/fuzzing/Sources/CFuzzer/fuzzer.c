#include "CFuzzer.h"

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*one)(const uint8_t *bytes, size_t count));
int __sanitizer_install_malloc_and_free_hooks(void (*allocated)(const volatile void *, size_t), void (*freed)(const volatile void *));
size_t __sanitizer_get_allocated_size(const volatile void *pointer);

static _Thread_local int is_counting;
static _Thread_local ptrdiff_t present, most;

static void allocated(const volatile void *pointer, size_t count) {
    (void)pointer;
    if (!is_counting) return;
    present += (ptrdiff_t)count;
    if (present > most) most = present;
}

static void freed(const volatile void *pointer) {
    if (is_counting && pointer != NULL) present -= (ptrdiff_t)__sanitizer_get_allocated_size(pointer);
}

int fuzzer_run(int argc, char **argv, int (*one)(const uint8_t *bytes, size_t count)) {
    __sanitizer_install_malloc_and_free_hooks(allocated, freed);
    return LLVMFuzzerRunDriver(&argc, &argv, one);
}

void memory_begin(void) {
    present = most = 0;
    is_counting = 1;
}

size_t memory_end(void) {
    is_counting = 0;
    return (size_t)most;
}
