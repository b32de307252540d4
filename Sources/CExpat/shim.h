/* The system's expat: a streaming parser of XML, for answers of address books. */
#pragma once
#include <expat.h>
