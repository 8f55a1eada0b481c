// What a log sends to a witness to have a checkpoint cosigned: C2SP tlog-witness, the body of add-checkpoint.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/result.hpp"

namespace signalbox::evidence {

inline constexpr std::string_view kTreeSizeType = "text/x.tlog.size";  // of the answer 409

struct WitnessRequest {
  std::uint64_t old_size = 0;  // of the newest checkpoint that the witness cosigned, 0: none
  std::vector<Sha256> proof;   // consistency proof from there
  std::string checkpoint;      // signed note
};

std::string write_witness_request(const WitnessRequest& request);
Result<WitnessRequest> parse_witness_request(std::string_view body);

// The body of an answer 409: the size in decimal, and a newline.
Result<std::uint64_t> parse_tree_size(std::string_view body);

// How a witness names a log in addresses: SHA-256 of its origin, hexadecimal.
std::string origin_hash(std::string_view origin);

}  // namespace signalbox::evidence
