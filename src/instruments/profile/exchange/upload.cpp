#include "instruments/profile/exchange/upload.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include "core/base/encoding.hpp"
#include "core/base/gzip.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/exchange/grpc_web.hpp"
#include "instruments/profile/formats/otlp.hpp"
#include "instruments/profile/formats/pprof.hpp"
#include "instruments/profile/model/saturate.hpp"

namespace signalbox::profile {
namespace {

using protozero::pbf_reader;
using protozero::pbf_writer;

constexpr std::int64_t kNanosecondsOfASecond = 1'000'000'000;
constexpr std::size_t kMaxHeadBytes = std::size_t{64} << 10;  // the line of JSON of a spooled upload
constexpr std::size_t kMaxAnswerBytes = std::size_t{1} << 20;
constexpr std::string_view kProtobuf = "application/x-protobuf";

// Pyroscope's own syntax has no escapes: what would end a value is '_' in it.
std::string pyroscope_value(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == ',' || c == '}' || c == '{'; }, '_');
  return out;
}

struct Span {
  std::int64_t from_s;
  std::int64_t until_s;
};
Span span_of(const Profile& profile, Time now) {
  const std::int64_t now_ns = std::chrono::nanoseconds(now.time_since_epoch()).count();
  const std::int64_t length_ns = std::max<std::int64_t>(profile.duration_ns, 0);
  const std::int64_t from_ns =
      profile.start_unix_ns > 0 ? profile.start_unix_ns : std::max<std::int64_t>(now_ns - length_ns, 0);
  return {from_ns / kNanosecondsOfASecond, saturating_sum(from_ns, length_ns) / kNanosecondsOfASecond + 1};
}

Upload pyroscope_upload(const Profile& profile, const Destination& destination, Time now, std::string pprof) {
  std::string name = destination.app + "{";
  for (std::size_t i = 0; i < destination.labels.size(); ++i) {
    const auto& [key, value] = destination.labels[i];
    name += fmt::format("{}{}={}", i == 0 ? "" : ",", key, pyroscope_value(value));
  }
  name += "}";
  const Span span = span_of(profile, now);
  Upload out;
  out.query = fmt::format("name={}&from={}&until={}&format=pprof&spyName=signalbox", to_percent(name),
                          span.from_s, span.until_s);
  if (profile.period > 0 && profile.period_type.unit == "nanoseconds") {
    out.query += fmt::format(
        "&sampleRate={}", std::max<std::int64_t>(1, std::llround(1e9 / static_cast<double>(profile.period))));
  }
  out.type = "binary/octet-stream";
  out.body = std::move(pprof);
  return out;
}

// What Parca lists a profile of such values as.
std::string_view parca_name(const Profile& profile) {
  const std::string& type = profile.value_types[profile.default_value].type;
  if (type == "offcpu") return "off_cpu";
  return type == "wall" ? "wallclock" : "process_cpu";
}

// parca.profilestore.v1alpha1: WriteRawRequest{2 series}, RawProfileSeries{1 labels, 2 samples},
// LabelSet{1 labels}, Label{1 name, 2 value}, RawSample{1 raw_profile}.
Result<Upload> parca_upload(const Profile& profile, const Destination& destination,
                            const std::string& pprof) {
  const auto add_label = [](pbf_writer& labels, std::string_view name, std::string_view value) {
    pbf_writer label(labels, 1);
    label.add_string(1, name.data(), name.size());
    label.add_string(2, value.data(), value.size());
  };
  const auto is_given = [&](std::string_view name) {
    return std::any_of(destination.labels.begin(), destination.labels.end(),
                       [&](const NamedValue& label) { return label.first == name; });
  };
  std::string message;
  {
    pbf_writer request(message);
    pbf_writer series(request, 2);
    {
      pbf_writer labels(series, 1);
      if (!is_given("__name__")) add_label(labels, "__name__", parca_name(profile));
      if (!is_given("job")) add_label(labels, "job", destination.app);
      for (const auto& [name, value] : destination.labels) add_label(labels, name, value);
    }
    pbf_writer sample(series, 2);
    sample.add_bytes(1, pprof);
  }
  Upload out;
  out.type = kGrpcWebType;
  SIGNALBOX_TRY(out.body, grpc_web_frame(message));
  return out;
}

Upload otlp_upload(const Profile& profile, const Destination& destination, Time now) {
  Profile told = profile;
  const auto set = [&](std::string_view key, const std::string& value) {
    const auto known = std::find_if(told.annotations.begin(), told.annotations.end(),
                                    [&](const auto& each) { return each.first == key; });
    if (known == told.annotations.end())
      told.annotations.emplace_back(key, value);
    else
      known->second = value;
  };
  set("service.name", destination.app);
  for (const auto& [name, value] : destination.labels) set(name, value);
  if (told.start_unix_ns <= 0) told.start_unix_ns = span_of(told, now).from_s * kNanosecondsOfASecond;
  Upload out;
  out.type = kProtobuf;
  out.encoding = "gzip";
  out.body = gzip(write_otlp(told));
  return out;
}

// With the time of each sample: the console draws them.
Upload signalbox_upload(const Profile& profile, const Destination& destination) {
  Upload out;
  out.query = "service=" + to_percent(destination.app);
  for (const auto& [name, value] : destination.labels)
    out.query += fmt::format("&label.{}={}", to_percent(name), to_percent(value));
  out.type = "application/octet-stream";
  out.body = write_pprof(profile, {Compression::gzip, SampleTimes::kept});
  return out;
}

// ExportProfilesServiceResponse{1 partial_success{1 rejected_profiles, 2 error_message}}.
std::string rejected_part(std::string_view body, const std::vector<NamedValue>& headers) {
  try {
    pbf_reader response(body.data(), body.size());
    while (response.next()) {
      if (response.tag() != 1 || response.wire_type() != protozero::pbf_wire_type::length_delimited) {
        response.skip();
        continue;
      }
      pbf_reader partial = response.get_message();
      std::int64_t rejected = 0;
      std::string words;
      while (partial.next()) {
        if (partial.tag() == 1 && partial.wire_type() == protozero::pbf_wire_type::varint)
          rejected = partial.get_int64();
        else if (partial.tag() == 2 && partial.wire_type() == protozero::pbf_wire_type::length_delimited)
          words = partial.get_string();
        else
          partial.skip();
      }
      if (rejected > 0)
        return fmt::format("{} rejected: {}", counted(rejected, "profile"), words_said(words, headers));
    }
  } catch (const protozero::exception&) {
    return {};  // a 200 whose words are not understood is still a 200
  }
  return {};
}

// By the codes of grpc/status.h.
Answer judged_call(const GrpcStatus& status, const std::vector<NamedValue>& headers) {
  const std::string why = fmt::format("gRPC status {}: {}", status.code, words_said(status.message, headers));
  switch (status.code) {
    case 0:
      return {Taken::yes, {}, {}};
    case 7:   // PERMISSION_DENIED
    case 16:  // UNAUTHENTICATED
      return {Taken::denied, why, {}};
    case 1:   // CANCELLED
    case 2:   // UNKNOWN: what a fault of the store is told as
    case 4:   // DEADLINE_EXCEEDED
    case 8:   // RESOURCE_EXHAUSTED
    case 10:  // ABORTED
    case 13:  // INTERNAL
    case 14:  // UNAVAILABLE
    case 15:  // DATA_LOSS
      return {Taken::away, why, {}};
    default:
      return {Taken::refused, why, {}};
  }
}

std::optional<std::chrono::seconds> asked_pause(const http::ClientResponse& response) {
  const auto field = response.headers.find("retry-after");
  if (field == response.headers.end()) return std::nullopt;
  const auto seconds = parse_integer(field->second);
  if (!seconds || *seconds < 0 || *seconds > 86'400) return std::nullopt;
  return std::chrono::seconds(*seconds);
}

}  // namespace

Result<Upload> make_upload(const Profile& profile, const Destination& destination, Time now,
                           std::optional<std::string> pprof) {
  if (destination.receiver == Receiver::otlp) return otlp_upload(profile, destination, now);
  if (destination.receiver == Receiver::signalbox) return signalbox_upload(profile, destination);
  if (!pprof) pprof = write_pprof(profile);
  if (destination.receiver == Receiver::parca) return parca_upload(profile, destination, *pprof);
  return pyroscope_upload(profile, destination, now, std::move(*pprof));
}

std::string spooled_text(const Upload& upload) {
  Json head =
      Json::object({{"v", 1}, {"query", upload.query}, {"type", upload.type}, {"encoding", upload.encoding}});
  return head.dump() + "\n" + upload.body;
}

Result<Upload> parse_spooled(std::string_view octets) {
  const std::size_t end = octets.substr(0, kMaxHeadBytes).find('\n');
  if (end == std::string_view::npos) return fail(ErrorKind::bad_input, "has no first line");
  SIGNALBOX_TRY(const Json head, parse_json(octets.substr(0, end)));
  const auto is_plain = [](std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  };
  Upload out;
  out.query = head["query"].as_string();
  out.type = head["type"].as_string();
  out.encoding = head["encoding"].as_string();
  if (head["v"].as_integer() != 1 || out.type.empty() || !is_plain(out.query) || !is_plain(out.type) ||
      !is_plain(out.encoding))
    return fail(ErrorKind::bad_input, "its first line says no request");
  out.body = octets.substr(end + 1);
  return out;
}

http::ClientRequest request_of(const Upload& upload, const Destination& destination) {
  http::ClientRequest out;
  out.method = "POST";
  out.url = destination.url + (upload.query.empty() ? "" : "?" + upload.query);
  out.headers = {{"Content-Type", upload.type}};
  if (!upload.encoding.empty()) out.headers.emplace_back("Content-Encoding", upload.encoding);
  if (destination.receiver == Receiver::parca) out.headers.emplace_back("X-Grpc-Web", "1");
  out.headers.insert(out.headers.end(), destination.headers.begin(), destination.headers.end());
  out.body = upload.body;
  out.max_response_bytes = kMaxAnswerBytes;
  out.ca_file = destination.ca_file;
  out.max_attempts = 1;
  return out;
}

Answer judged(const http::ClientResponse& response, const Destination& destination) {
  const int status = response.status;
  const std::vector<NamedValue>& headers = destination.headers;
  const auto why = [&] {
    const std::string words = words_said(response.body, headers);
    return fmt::format("status {}{}{}", status, words.empty() ? "" : ": ", words);
  };
  if (status == 401 || status == 403) return {Taken::denied, why(), {}};
  if (status >= 500 || status == 429 || status == 408) return {Taken::away, why(), asked_pause(response)};
  if (status < 200 || status >= 300) return {Taken::refused, why(), {}};
  if (destination.receiver == Receiver::parca) {
    const auto call = grpc_status(response.headers, response.body);
    // Something else than Parca answers there.
    if (!call) return {Taken::refused, call.error().message, {}};
    return judged_call(*call, headers);
  }
  if (destination.receiver == Receiver::otlp) {
    if (std::string rejected = rejected_part(response.body, headers); !rejected.empty())
      return {Taken::refused, std::move(rejected), {}};
  }
  return {Taken::yes, {}, {}};
}

}  // namespace signalbox::profile
