// Figures as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace signalbox::queries {

std::string text_of_ms(double milliseconds);      // "0.04 ms", "12.3 ms", "4.56 s", "2 min 5 s", "3 h 2 min"
std::string text_of_count(std::int64_t count);    // "1,234", from ten million on "12.3 M"
std::string text_of_blocks(std::int64_t blocks);  // of 8 KiB: "16 KiB", "1.2 GiB"
std::string text_of_bytes(std::int64_t bytes);
std::string text_of_share(double share);            // 0.123: "12.3 %"
inline constexpr std::int64_t kBlockBytes = 8'192;  // the usual block of a server

}  // namespace signalbox::queries
