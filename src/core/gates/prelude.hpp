// The functions that every condition has, written in jq 1.6. They say yes or no of what is there, and raise
// where it is missing, null, NaN or of another type: nothing passes because it is absent.
#pragma once

#include <string_view>

namespace signalbox::gates {

// Ends with a newline; the condition itself follows it. need num str bool arr obj eq ne lt le gt ge between
// none every.
std::string_view prelude();
// How many lines it has, to tell places in the condition itself.
int prelude_lines();

}  // namespace signalbox::gates
