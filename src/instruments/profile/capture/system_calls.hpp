// Names of the system calls that threads wait in.
#pragma once

#include <cstdint>
#include <string>

namespace signalbox::profile {

// "futex", "system call 512" for one that is not known here; empty for a negative number, which is none.
std::string system_call_name(std::int64_t number);

}  // namespace signalbox::profile
