// Who listens on a TCP port of this machine, to say so where it is taken.
#pragma once

#include <cstdint>
#include <string>

namespace signalbox::serve {

// "signalbox-serve (process 1234)"; empty where nobody is found, or the process is somebody else's.
std::string holder_of_port(std::uint16_t port);

}  // namespace signalbox::serve
