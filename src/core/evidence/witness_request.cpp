#include "core/evidence/witness_request.hpp"

#include <fmt/core.h>

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"

namespace signalbox::evidence {
namespace {

constexpr std::size_t kMaxProofLines = 63;
constexpr std::size_t kMaxRequestBytes = std::size_t{1} << 20;
constexpr std::string_view kOld = "old ";

Result<std::uint64_t> plain_size(std::string_view text) {
  const auto size = parse_integer(text);
  if (!size || *size < 0 || std::to_string(*size) != text)
    return fail(ErrorKind::bad_input, fmt::format("{}: not a size", printable(text.substr(0, 40))));
  return static_cast<std::uint64_t>(*size);
}

}  // namespace

std::string write_witness_request(const WitnessRequest& request) {
  std::string out = fmt::format("{}{}\n", kOld, request.old_size);
  for (const Sha256& hash : request.proof) out += to_base64(as_octets(hash)) + "\n";
  return out + "\n" + request.checkpoint;
}

Result<WitnessRequest> parse_witness_request(std::string_view body) {
  const auto refuse = [](std::string_view what) {
    return fail(ErrorKind::bad_input, fmt::format("add-checkpoint: {}", what));
  };
  if (body.size() > kMaxRequestBytes) return refuse("larger than any checkpoint");
  const std::size_t blank = body.find("\n\n");
  if (blank == std::string_view::npos) return refuse("no empty line before the checkpoint");
  const std::vector<std::string_view> rows = split(body.substr(0, blank), '\n');
  if (!rows.front().starts_with(kOld)) return refuse("does not begin with the old size");
  WitnessRequest out;
  SIGNALBOX_TRY(out.old_size, plain_size(rows.front().substr(kOld.size())));
  if (rows.size() - 1 > kMaxProofLines) return refuse("more than 63 lines of proof");
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto octets = from_base64(rows[i]);
    const auto hash = octets ? sha256_from_octets(*octets) : fail(octets.error());
    if (!hash) return refuse(fmt::format("line {} is no hash", i + 1));
    out.proof.push_back(*hash);
  }
  out.checkpoint = std::string(body.substr(blank + 2));
  return out;
}

Result<std::uint64_t> parse_tree_size(std::string_view body) {
  if (body.empty() || body.back() != '\n')
    return fail(ErrorKind::bad_input, "the size does not end with a newline");
  return plain_size(body.substr(0, body.size() - 1));
}

std::string origin_hash(std::string_view origin) {
  return to_hex(sha256(origin));
}

}  // namespace signalbox::evidence
