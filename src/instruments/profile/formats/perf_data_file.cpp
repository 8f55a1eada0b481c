#include "instruments/profile/formats/perf_data_file.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include <fmt/format.h>
#include <zstd.h>

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/elf/octet_reader.hpp"

namespace signalbox::profile {
namespace {

constexpr std::string_view kMagic = "PERFILE2";
constexpr std::uint64_t kPipeHeaderBytes = 16;  // magic and size alone: it was written to a pipe
constexpr std::size_t kMaxEvents = 4'096;

// Records of perf itself (tools/lib/perf/include/perf/event.h).
enum UserRecord : std::uint32_t {
  kHeaderAttr = 64,
  kTracingData = 66,
  kHeaderBuildId = 67,
  kAuxtrace = 71,
  kHeaderFeature = 80,
  kCompressed = 81,
  kCompressedPadded = 83,
};

// Bits of the header (tools/perf/util/header.h).
enum Feature : std::uint64_t { kBuildIds = 2, kHost = 3, kKernel = 4, kCommand = 11, kEventNames = 12 };

struct Section {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

perf_event_header header_of(std::string_view record) {
  perf_event_header out{};
  if (record.size() >= sizeof out) std::memcpy(&out, record.data(), sizeof out);
  return out;
}

// A length, and so many octets with zeros at their end.
std::string take_string(OctetReader& in) {
  const std::string_view octets = in.octets(in.take<std::uint32_t>());
  return printable(octets.substr(0, octets.find('\0')));
}

// Of what is written by other versions, the part that is known here.
perf_event_attr attributes_of(std::string_view octets) {
  perf_event_attr out{};
  std::memcpy(&out, octets.data(), std::min(octets.size(), sizeof out));
  return out;
}

std::string usual_name(const perf_event_attr& attributes) {
  if (attributes.type == PERF_TYPE_SOFTWARE && attributes.config == PERF_COUNT_SW_CPU_CLOCK)
    return "cpu-clock";
  if (attributes.type == PERF_TYPE_SOFTWARE && attributes.config == PERF_COUNT_SW_TASK_CLOCK)
    return "task-clock";
  if (attributes.type == PERF_TYPE_HARDWARE && attributes.config == PERF_COUNT_HW_CPU_CYCLES) return "cycles";
  return fmt::format("event {}:{:x}", attributes.type, std::uint64_t{attributes.config});
}

}  // namespace

std::uint32_t PerfDataRecord::type() const {
  return header_of(octets).type;
}
std::uint16_t PerfDataRecord::misc() const {
  return header_of(octets).misc;
}
std::string_view PerfDataRecord::body() const {
  return octets.substr(sizeof(perf_event_header));
}

// One stream of zstd over all compressed records; a record may be cut between two of them.
class PerfDataFile::Expander {
 public:
  explicit Expander(std::size_t max_bytes)
      : left_(max_bytes), stream_(ZSTD_createDStream(), ZSTD_freeDStream) {}

  // What was held back, and all of `octets`.
  Result<std::string> expand(std::string_view octets, std::uint64_t offset) {
    std::string out = std::move(rest_);
    rest_.clear();
    ZSTD_inBuffer in{octets.data(), octets.size(), 0};
    std::string room(ZSTD_DStreamOutSize(), '\0');
    for (bool is_full = true; in.pos < in.size || is_full;) {
      ZSTD_outBuffer to{room.data(), room.size(), 0};
      const std::size_t done = ZSTD_decompressStream(stream_.get(), &to, &in);
      if (ZSTD_isError(done) != 0)
        return fail(ErrorKind::bad_input, fmt::format("offset {}: a compressed record is broken: {}", offset,
                                                      ZSTD_getErrorName(done)));
      if (to.pos > left_)
        return fail(ErrorKind::bad_input, fmt::format("offset {}: expands to more than is read", offset));
      left_ -= to.pos;
      out.append(room, 0, to.pos);
      is_full = to.pos == to.size;
      if (to.pos == 0 && in.pos < in.size && done == 0) continue;  // the next frame begins
      if (to.pos == 0 && !is_full) break;
    }
    return out;
  }
  void hold_back(std::string_view octets) { rest_ = octets; }

 private:
  std::size_t left_;
  std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> stream_;
  std::string rest_;
};

Result<PerfDataFile> PerfDataFile::read(std::string_view octets, std::size_t max_bytes) {
  PerfDataFile out;
  Expander expander(max_bytes);
  SIGNALBOX_CHECK(out.read_file(octets, expander));
  if (out.events_.empty()) return fail(ErrorKind::bad_input, "offset 0: the file of perf tells of no event");
  for (PerfDataRecord& record : out.records_) record.time_ns = out.time_of(record.octets);
  std::stable_sort(out.records_.begin(), out.records_.end(),
                   [](const PerfDataRecord& a, const PerfDataRecord& b) { return a.time_ns < b.time_ns; });
  return out;
}

Status PerfDataFile::read_file(std::string_view octets, Expander& expander) {
  if (octets.starts_with("2ELIFREP"))
    return fail(ErrorKind::bad_input, "offset 0: perf.data of a machine with the other order of octets",
                "on that machine: perf script >FILE");
  OctetReader in{octets};
  const bool is_ours = in.octets(kMagic.size()) == kMagic;
  const auto header_bytes = in.take<std::uint64_t>();
  if (!is_ours || !in.ok) return fail(ErrorKind::bad_input, "offset 0: does not begin as perf.data does");
  if (header_bytes == kPipeHeaderBytes)
    return read_records(octets.substr(kPipeHeaderBytes), kPipeHeaderBytes, expander);
  const auto entry_bytes = in.take<std::uint64_t>();
  const auto attributes = in.take<Section>();
  const auto data = in.take<Section>();
  in.take<Section>();  // names of tracepoints, as perf wrote them long ago
  std::uint64_t flags[4];
  for (std::uint64_t& each : flags) each = in.take<std::uint64_t>();
  if (!in.ok) return fail(ErrorKind::bad_input, "offset 0: the header of perf.data is cut");
  const std::string_view section = part(octets, attributes.offset, attributes.size);
  SIGNALBOX_CHECK(read_attributes(octets, section, entry_bytes));
  if (data.offset > octets.size())
    return fail(ErrorKind::bad_input,
                fmt::format("offset {}: the file ends before its records", data.offset));
  // Its size is written last.
  is_cut_ = data.size == 0 || data.size > octets.size() - data.offset;
  if (!is_cut_) read_features(octets, data.offset + data.size, flags);
  const std::uint64_t size = is_cut_ ? octets.size() - data.offset : data.size;
  return read_records(octets.substr(data.offset, size), data.offset, expander);
}

Status PerfDataFile::read_attributes(std::string_view octets, std::string_view section,
                                     std::uint64_t entry_bytes) {
  if (entry_bytes < PERF_ATTR_SIZE_VER0 + sizeof(Section) || section.size() / entry_bytes > kMaxEvents)
    return fail(ErrorKind::bad_input, "offset 16: the events of perf.data have no size that is known");
  for (; section.size() >= entry_bytes; section.remove_prefix(entry_bytes)) {
    const std::string_view entry = section.substr(0, entry_bytes);
    OctetReader ids{entry.substr(entry_bytes - sizeof(Section))};
    const auto place = ids.take<Section>();
    add_event(entry.substr(0, entry_bytes - sizeof(Section)), part(octets, place.offset, place.size));
  }
  return {};
}

void PerfDataFile::add_event(std::string_view attributes, std::string_view ids) {
  if (events_.size() >= kMaxEvents) return;
  PerfDataEvent event{attributes_of(attributes), {}};
  event.name = usual_name(event.attributes);
  for (OctetReader in{ids}; in.left.size() >= sizeof(std::uint64_t);)
    event_by_id_[in.take<std::uint64_t>()] = events_.size();
  events_.push_back(std::move(event));
}

std::size_t PerfDataFile::event_of(std::uint64_t id) const {
  const auto found = event_by_id_.find(id);
  return found == event_by_id_.end() ? 0 : found->second;
}

void PerfDataFile::read_features(std::string_view octets, std::uint64_t at, const std::uint64_t (&flags)[4]) {
  OctetReader in{octets.substr(std::min<std::uint64_t>(at, octets.size()))};
  for (std::uint64_t number = 0; number < 256 && in.ok; ++number) {
    if (((flags[number / 64] >> (number % 64)) & 1) == 0) continue;
    const auto section = in.take<Section>();
    if (in.ok) read_feature(number, part(octets, section.offset, section.size));
  }
}

void PerfDataFile::read_feature(std::uint64_t number, std::string_view section) {
  OctetReader in{section};
  if (number == kBuildIds) read_build_ids(section);
  if (number == kHost) host_ = take_string(in);
  if (number == kKernel) kernel_ = take_string(in);
  if (number == kEventNames) read_event_names(section);
  if (number != kCommand) return;
  command_.clear();
  for (auto words = in.take<std::uint32_t>(); words > 0 && in.ok && !in.left.empty(); --words)
    command_ += (command_.empty() ? "" : " ") + take_string(in);
}

void PerfDataFile::read_event_names(std::string_view section) {
  OctetReader in{section};
  const auto count = in.take<std::uint32_t>();
  const auto attribute_bytes = in.take<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && i < events_.size() && in.ok; ++i) {
    in.octets(attribute_bytes);
    const auto ids = in.take<std::uint32_t>();
    std::string name = take_string(in);
    in.octets(std::uint64_t{ids} * sizeof(std::uint64_t));
    if (in.ok && !name.empty()) events_[i].name = std::move(name);
  }
}

void PerfDataFile::read_build_ids(std::string_view section) {
  constexpr std::size_t kIdBytes = 24;  // 20 of the id, then its size where the header says so
  constexpr std::uint16_t kHasSize = 1U << 15;
  while (true) {
    const perf_event_header header = header_of(section);
    if (header.size < sizeof header || header.size > section.size()) return;
    OctetReader in{section.substr(sizeof header, header.size - sizeof header)};
    in.take<std::int32_t>();  // of which machine: this one or a guest
    std::string_view id = in.octets(kIdBytes);
    if (!in.ok) return;
    const std::size_t usual = 20;
    const auto told = static_cast<unsigned char>(id[usual]);
    id = id.substr(0, (header.misc & kHasSize) != 0 ? std::min<std::size_t>(told, usual) : usual);
    build_ids_[std::string(in.left.substr(0, in.left.find('\0')))] = to_hex(id);
    section.remove_prefix(header.size);
  }
}

Status PerfDataFile::read_records(std::string_view octets, std::uint64_t offset, Expander& expander) {
  std::uint64_t at = 0;
  while (octets.size() - at >= sizeof(perf_event_header)) {
    const perf_event_header header = header_of(octets.substr(at));
    if (header.size < sizeof header)
      return fail(ErrorKind::bad_input, fmt::format("offset {}: a record without its size", offset + at));
    if (header.size > octets.size() - at) {
      is_cut_ = true;
      return {};
    }
    const std::string_view record = octets.substr(at, header.size);
    std::string_view body = record.substr(sizeof header);
    at += header.size;
    OctetReader in{body};
    switch (header.type) {
      case kHeaderAttr: {
        if (body.size() < PERF_ATTR_SIZE_VER0) break;
        const std::size_t told = attributes_of(body).size;
        const std::size_t size = std::clamp<std::size_t>(told, PERF_ATTR_SIZE_VER0, body.size());
        add_event(body.substr(0, size), body.substr(size));
        break;
      }
      case kHeaderFeature: {
        const auto number = in.take<std::uint64_t>();
        if (in.ok) read_feature(number, in.left);
        break;
      }
      case kHeaderBuildId:  // of a pipe, whose end has no sections
        read_build_ids(record);
        break;
      case kTracingData:  // so many octets follow, up to the next multiple of eight
        at += (std::uint64_t{in.take<std::uint32_t>()} + 7) & ~std::uint64_t{7};
        break;
      case kAuxtrace: {
        const auto follow = in.take<std::uint64_t>();
        at = follow > octets.size() - at ? octets.size() : at + follow;
        break;
      }
      case kCompressedPadded: {
        const auto size = in.take<std::uint64_t>();
        body = in.octets(std::min<std::uint64_t>(size, in.left.size()));
        [[fallthrough]];
      }
      case kCompressed: {
        SIGNALBOX_TRY(std::string expanded, expander.expand(body, offset + at - header.size));
        std::string_view left = expanded_.emplace_back(std::move(expanded));
        for (perf_event_header inner = header_of(left); left.size() >= sizeof inner;
             inner = header_of(left)) {
          if (inner.size < sizeof inner)
            return fail(ErrorKind::bad_input,
                        fmt::format("offset {}: a compressed record without its size", offset + at));
          if (inner.size > left.size()) break;
          records_.push_back({0, left.substr(0, inner.size)});
          left.remove_prefix(inner.size);
        }
        expander.hold_back(left);
        break;
      }
      default:
        if (header.type < kHeaderAttr) records_.push_back({0, record});
    }
    if (at > octets.size()) {
      is_cut_ = true;
      return {};
    }
  }
  return {};
}

std::uint64_t PerfDataFile::time_of(std::string_view record) const {
  const perf_event_attr& first = events_.front().attributes;
  if ((first.sample_type & PERF_SAMPLE_TIME) == 0) return 0;
  constexpr std::size_t kField = sizeof(std::uint64_t);
  const auto fields = [&](std::uint64_t types) {
    return static_cast<std::size_t>(__builtin_popcountll(first.sample_type & types)) * kField;
  };
  OctetReader in{record};
  if (header_of(record).type == PERF_RECORD_SAMPLE) {
    in.octets(sizeof(perf_event_header) + fields(PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID));
    return in.take<std::uint64_t>();
  }
  if (first.sample_id_all == 0) return 0;
  const std::size_t from_end =
      kField + fields(PERF_SAMPLE_ID | PERF_SAMPLE_STREAM_ID | PERF_SAMPLE_CPU | PERF_SAMPLE_IDENTIFIER);
  if (record.size() < sizeof(perf_event_header) + from_end) return 0;
  in.octets(record.size() - from_end);
  return in.take<std::uint64_t>();
}

}  // namespace signalbox::profile
