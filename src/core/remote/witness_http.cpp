#include "core/remote/witness_http.hpp"

#include <cstdlib>

#include <fmt/format.h>

#include "core/http/client.hpp"

namespace signalbox::remote {
namespace {

constexpr std::size_t kMaxAnswerBytes = std::size_t{1} << 20;

class HttpWitness final : public evidence::WitnessChannel {
 public:
  HttpWitness(std::string url, std::chrono::milliseconds deadline)
      : url_(std::move(url)), deadline_(deadline) {}

  Result<Answer> add_checkpoint(std::string_view body) override {
    http::ClientRequest request;
    request.method = "POST";
    request.url = url_ + "/add-checkpoint";
    request.headers = {{"Content-Type", "text/plain; charset=utf-8"}};
    request.body = std::string(body);
    return send(std::move(request));
  }

  Result<Answer> checkpoint_of(std::string_view origin_hash) override {
    http::ClientRequest request;
    request.url = fmt::format("{}/{}/checkpoint", url_, origin_hash);
    return send(std::move(request));
  }

 private:
  Result<Answer> send(http::ClientRequest request) const {
    request.deadline = deadline_;
    request.max_response_bytes = kMaxAnswerBytes;
    if (const char* file = std::getenv("SIGNALBOX_CA_FILE"); file != nullptr) request.ca_file = file;
    SIGNALBOX_TRY(http::ClientResponse response, http::send(request));
    Answer out{response.status, {}, std::move(response.body)};
    if (const auto type = response.headers.find("content-type"); type != response.headers.end())
      out.content_type = type->second;
    return out;
  }

  std::string url_;
  std::chrono::milliseconds deadline_;
};

}  // namespace

Result<std::string> witness_url(std::string_view url) {
  SIGNALBOX_TRY(const http::Address address, http::parse_address(url));
  std::string out = address.origin() + address.path;
  while (out.ends_with('/')) out.pop_back();
  return out;
}

std::unique_ptr<evidence::WitnessChannel> witness_channel(const std::string& url,
                                                          std::chrono::milliseconds deadline) {
  return std::make_unique<HttpWitness>(url, deadline);
}

Result<AskedByName> ask_witnesses(store::Database& database, const Clock& clock,
                                  std::chrono::milliseconds deadline, AskWhich which) {
  SIGNALBOX_TRY(const evidence::Ledger ledger, evidence::Ledger::open_read_only(database));
  AskedByName out;
  const std::uint64_t size = ledger.size();
  if (size == 0) return out;
  SIGNALBOX_TRY(const auto witnesses, evidence::WitnessBook(database).witnesses());
  for (const evidence::AskedWitness& witness : witnesses) {
    const bool is_behind = witness.size < size || !witness.cosigned || !witness.problem.empty();
    if (which == AskWhich::behind && !is_behind) continue;
    const auto channel = witness_channel(witness.url, deadline);
    SIGNALBOX_TRY(evidence::Asked asked, evidence::ask_witness(database, ledger, witness, *channel, clock));
    out.emplace_back(witness.key.name, std::move(asked));
  }
  return out;
}

}  // namespace signalbox::remote
