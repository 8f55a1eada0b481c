#include <algorithm>
#include <limits>
#include <optional>
#include <unordered_map>

#include <fmt/core.h>
#include <protozero/pbf_reader.hpp>

#include "instruments/profile/formats/annotation.hpp"
#include "instruments/profile/formats/guess.hpp"
#include "instruments/profile/formats/pprof.hpp"
#include "instruments/profile/formats/pprof_fields.hpp"
#include "instruments/profile/formats/stack_table.hpp"
#include "instruments/profile/model/builder.hpp"

namespace signalbox::profile {
namespace {

using namespace pprof;
using protozero::data_view;
using protozero::pbf_reader;
using protozero::pbf_wire_type;
using protozero::tag_and_type;

constexpr pbf_wire_type kVarint = pbf_wire_type::varint;
constexpr pbf_wire_type kLength = pbf_wire_type::length_delimited;

constexpr std::size_t kLinesMax = 1024;  // of one location: functions inlined into each other
constexpr std::size_t kStacksMax = std::size_t{1} << 26;

// Why reading ends, before it is known where.
struct Refusal {
  std::string what;
};

// Numbers of a file (1, 2, 3 … as a rule, but any) to numbers of a table.
class Ids {
 public:
  // False: it is there already.
  bool add(std::uint64_t id, std::uint32_t number) {
    if (id < kDense) {
      if (id >= dense_.size()) dense_.resize(id + 1 + dense_.size() / 2, kNone);
      return std::exchange(dense_[id], number) == kNone;
    }
    return sparse_.try_emplace(id, number).second;
  }
  std::optional<std::uint32_t> find(std::uint64_t id) const {
    if (id < dense_.size()) return dense_[id] == kNone ? std::nullopt : std::optional(dense_[id]);
    const auto found = sparse_.find(id);
    return found == sparse_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  static constexpr std::uint64_t kDense = std::uint64_t{1} << 20;
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  std::vector<std::uint32_t> dense_;
  std::unordered_map<std::uint64_t, std::uint32_t> sparse_;
};

struct RawValueType {
  std::int64_t type = 0;
  std::int64_t unit = 0;
};

class PprofReader {
 public:
  explicit PprofReader(std::string_view octets)
      : octets_(octets),
        at_(octets.data()),
        profile_(ProfileBuilder(std::vector<ValueType>{}).finish()),
        stacks_(profile_.stacks) {}

  Result<Profile> read() {
    try {
      read_tables();
      read_samples();
      profile_.threads = owners_.profile().threads;
      profile_.labels = owners_.profile().labels;
      return std::move(profile_);
    } catch (const Refusal& refusal) {
      return refused(refusal.what);
    } catch (const protozero::exception& error) {
      return refused(fmt::format("no protobuf: {}", error.what()));
    }
  }

 private:
  // The next field of a message; where it begins is where an error in it is.
  bool next(pbf_reader& message) {
    at_ = message.data().data();
    return message.next();
  }

  tl::unexpected<Error> refused(const std::string& what) const {
    return fail(ErrorKind::bad_input, fmt::format("offset {}: {}", at_ - octets_.data(), what),
                "is this file whole, and a pprof profile?");
  }

  // Everything but the samples, which need it and stand before it.
  void read_tables() {
    pbf_reader message(octets_.data(), octets_.size());
    while (next(message)) {
      switch (message.tag_and_type()) {
        case tag_and_type(profile_field::sample_type, kLength):
          types_.push_back(value_type(message.get_view()));
          break;
        case tag_and_type(profile_field::mapping, kLength):
          mapping_views_.push_back(message.get_view());
          break;
        case tag_and_type(profile_field::location, kLength):
          location_views_.push_back(message.get_view());
          break;
        case tag_and_type(profile_field::function, kLength):
          function_views_.push_back(message.get_view());
          break;
        case tag_and_type(profile_field::string_table, kLength):
          add_text(message.get_view());
          break;
        case tag_and_type(profile_field::sample, kLength):
          ++samples_;
          message.skip();
          break;
        default:
          read_fact(message);
      }
    }
    use_facts();
    for (const data_view view : mapping_views_) read_mapping(view);
    for (const data_view view : function_views_) read_function(view);
    for (const data_view view : location_views_) read_location(view);
  }

  void read_fact(pbf_reader& message) {
    switch (message.tag_and_type()) {
      case tag_and_type(profile_field::time_nanos, kVarint):
        profile_.start_unix_ns = message.get_int64();
        break;
      case tag_and_type(profile_field::duration_nanos, kVarint):
        profile_.duration_ns = message.get_int64();
        break;
      case tag_and_type(profile_field::period_type, kLength):
        period_type_ = value_type(message.get_view());
        break;
      case tag_and_type(profile_field::period, kVarint):
        profile_.period = message.get_int64();
        break;
      case tag_and_type(profile_field::comment, kVarint):
        comments_.push_back(message.get_int64());
        break;
      case tag_and_type(profile_field::comment, kLength):
        for (const std::int64_t text : message.get_packed_int64()) comments_.push_back(text);
        break;
      case tag_and_type(profile_field::default_sample_type, kVarint):
        default_type_ = message.get_int64();
        break;
      default:
        message.skip();
    }
  }

  void add_text(data_view view) {
    if (texts_.empty() && view.size() != 0) throw Refusal{"the first text is not empty"};
    texts_.push_back(profile_.strings.add({view.data(), view.size()}));
  }

  StringId text(std::int64_t index) const {
    if (index == 0) return {};
    if (index < 0 || static_cast<std::uint64_t>(index) >= texts_.size())
      throw Refusal{fmt::format("text {} of {}", index, texts_.size())};
    return texts_[static_cast<std::size_t>(index)];
  }

  RawValueType value_type(data_view view) {
    RawValueType out;
    pbf_reader message(view);
    while (next(message)) {
      switch (message.tag_and_type()) {
        case tag_and_type(value_type_field::type, kVarint):
          out.type = message.get_int64();
          break;
        case tag_and_type(value_type_field::unit, kVarint):
          out.unit = message.get_int64();
          break;
        default:
          message.skip();
      }
    }
    return out;
  }

  ValueType named(const RawValueType& raw) const {
    return {std::string(profile_.text(text(raw.type))), std::string(profile_.text(text(raw.unit)))};
  }

  void use_facts() {
    if (types_.empty()) throw Refusal{"no sample type"};
    for (const RawValueType& type : types_) profile_.value_types.push_back(named(type));
    profile_.period_type = named(period_type_);
    profile_.default_value = profile_.value_types.size() - 1;
    if (const std::string_view type = profile_.text(text(default_type_)); !type.empty()) {
      const std::size_t column = find_value(profile_, type);
      if (column < profile_.value_types.size()) profile_.default_value = column;
    }
    for (const std::int64_t comment : comments_) add_comment(profile_, profile_.text(text(comment)));
  }

  void read_mapping(data_view view) {
    Mapping out;
    std::uint64_t id = 0;
    pbf_reader message(view);
    while (next(message)) {
      switch (message.tag_and_type()) {
        case tag_and_type(mapping_field::id, kVarint):
          id = message.get_uint64();
          break;
        case tag_and_type(mapping_field::memory_start, kVarint):
          out.start = message.get_uint64();
          break;
        case tag_and_type(mapping_field::memory_limit, kVarint):
          out.limit = message.get_uint64();
          break;
        case tag_and_type(mapping_field::file_offset, kVarint):
          out.file_offset = message.get_uint64();
          break;
        case tag_and_type(mapping_field::filename, kVarint):
          out.path = text(message.get_int64());
          break;
        case tag_and_type(mapping_field::build_id, kVarint):
          out.build_id = text(message.get_int64());
          break;
        default:
          message.skip();
      }
    }
    add_id(mappings_, id, profile_.mappings.size(), "mapping");
    profile_.mappings.push_back(out);
    mapping_kinds_.push_back(kind_of_mapping(profile_.text(out.path)));
  }

  void read_function(data_view view) {
    Function out;
    std::uint64_t id = 0;
    pbf_reader message(view);
    while (next(message)) {
      switch (message.tag_and_type()) {
        case tag_and_type(function_field::id, kVarint):
          id = message.get_uint64();
          break;
        case tag_and_type(function_field::name, kVarint):
          out.name = text(message.get_int64());
          break;
        case tag_and_type(function_field::system_name, kVarint):
          out.system_name = text(message.get_int64());
          break;
        case tag_and_type(function_field::filename, kVarint):
          out.file = text(message.get_int64());
          break;
        case tag_and_type(function_field::start_line, kVarint):
          out.start_line = message.get_int64();
          break;
        default:
          message.skip();
      }
    }
    if (out.name.empty()) out.name = out.system_name;
    if (out.system_name == out.name) out.system_name = {};
    add_id(functions_, id, profile_.functions.size(), "function");
    profile_.functions.push_back(out);
  }

  void add_id(Ids& ids, std::uint64_t id, std::size_t number, std::string_view what) const {
    if (id == 0) throw Refusal{fmt::format("a {} without an id", what)};
    if (!ids.add(id, static_cast<std::uint32_t>(number)))
      throw Refusal{fmt::format("{} {} is there twice", what, id)};
  }

  static std::uint32_t find_id(const Ids& ids, std::uint64_t id, std::string_view what) {
    const auto found = ids.find(id);
    if (!found) throw Refusal{fmt::format("{} {} is not there", what, id)};
    return *found;
  }

  void read_location(data_view view) {
    Frame place;
    std::uint64_t id = 0;
    std::vector<Frame>& inner_first = scratch_frames_;
    inner_first.clear();
    pbf_reader message(view);
    while (next(message)) {
      switch (message.tag_and_type()) {
        case tag_and_type(location_field::id, kVarint):
          id = message.get_uint64();
          break;
        case tag_and_type(location_field::mapping_id, kVarint):
          if (const std::uint64_t mapping = message.get_uint64(); mapping != 0)
            place.mapping = find_id(mappings_, mapping, "mapping");
          break;
        case tag_and_type(location_field::address, kVarint):
          place.address = message.get_uint64();
          break;
        case tag_and_type(location_field::line, kLength):
          if (inner_first.size() == kLinesMax)
            throw Refusal{fmt::format("a location with more than {} lines", kLinesMax)};
          inner_first.push_back(read_line(message.get_view()));
          break;
        default:
          message.skip();
      }
    }
    add_id(locations_, id, location_frames_.size(), "location");
    const auto first = static_cast<std::uint32_t>(profile_.frames.size());
    if (inner_first.empty()) inner_first.emplace_back();
    for (std::size_t i = inner_first.size(); i-- > 0;) {
      Frame frame = inner_first[i];
      frame.mapping = place.mapping;
      frame.address = place.address;
      frame.kind = i + 1 == inner_first.size() ? kind_of(frame) : FrameKind::inlined;
      profile_.frames.push_back(frame);
    }
    location_frames_.push_back({first, static_cast<std::uint32_t>(profile_.frames.size())});
  }

  FrameKind kind_of(const Frame& frame) const {
    if (frame.mapping != 0) return mapping_kinds_[frame.mapping - 1];
    if (frame.address != 0) return FrameKind::user;
    const Function& function = profile_.functions[frame.function];
    return kind_of_name(profile_.text(function.name), profile_.text(function.file));
  }

  Frame read_line(data_view view) {
    Frame out;
    pbf_reader message(view);
    while (next(message)) {
      switch (message.tag_and_type()) {
        case tag_and_type(line_field::function_id, kVarint):
          if (const std::uint64_t function = message.get_uint64(); function != 0)
            out.function = find_id(functions_, function, "function");
          break;
        case tag_and_type(line_field::line, kVarint):
          out.line = small(message.get_int64());
          break;
        case tag_and_type(line_field::column, kVarint):
          out.column = small(message.get_int64());
          break;
        default:
          message.skip();
      }
    }
    return out;
  }

  // A line or column; what none can be is unknown.
  static std::int32_t small(std::int64_t number) {
    return number < 0 || number > std::numeric_limits<std::int32_t>::max()
               ? 0
               : static_cast<std::int32_t>(number);
  }

  void read_samples() {
    // Each takes two octets or more of the file, so this asks for no more than a few times its size.
    profile_.samples.reserve(samples_);
    profile_.values.reserve(std::min(samples_ * types_.size(), octets_.size()));
    find_label_names();
    pbf_reader message(octets_.data(), octets_.size());
    while (message.next(profile_field::sample, kLength)) read_sample(message.get_view());
  }

  void read_sample(data_view view) {
    const char* const begin = view.data();
    leaf_first_.clear();
    labels_.clear();
    const std::size_t values_before = profile_.values.size();
    pbf_reader message(view);
    while (next(message)) {
      switch (message.tag_and_type()) {
        case tag_and_type(sample_field::location_id, kLength):
          for (const std::uint64_t id : message.get_packed_uint64()) leaf_first_.push_back(location(id));
          break;
        case tag_and_type(sample_field::location_id, kVarint):
          leaf_first_.push_back(location(message.get_uint64()));
          break;
        case tag_and_type(sample_field::value, kLength):
          for (const std::int64_t value : message.get_packed_int64()) profile_.values.push_back(value);
          break;
        case tag_and_type(sample_field::value, kVarint):
          profile_.values.push_back(message.get_int64());
          break;
        case tag_and_type(sample_field::label, kLength):
          labels_.push_back(read_label(message.get_view()));
          break;
        default:
          message.skip();
      }
    }
    at_ = begin;
    if (profile_.values.size() - values_before != types_.size())
      throw Refusal{fmt::format("a sample with {} values for {} sample types",
                                profile_.values.size() - values_before, types_.size())};
    Sample sample;
    sample.stack = stack();
    use_labels(sample);
    profile_.samples.push_back(sample);
  }

  std::uint32_t location(std::uint64_t id) const { return find_id(locations_, id, "location"); }

  StackId stack() {
    StackId top = 0;
    for (std::size_t i = leaf_first_.size(); i-- > 0;) {
      const auto [first, end] = location_frames_[leaf_first_[i]];
      for (FrameId frame = first; frame != end; ++frame) top = stacks_.child(top, frame);
      if (profile_.stacks.size() > kStacksMax)
        throw Refusal{fmt::format("more than {} different stacks", kStacksMax)};
    }
    return top;
  }

  Label read_label(data_view view) {
    Label out;
    pbf_reader message(view);
    while (next(message)) {
      switch (message.tag_and_type()) {
        case tag_and_type(label_field::key, kVarint):
          out.key = text(message.get_int64());
          break;
        case tag_and_type(label_field::text, kVarint):
          out.text = text(message.get_int64());
          break;
        case tag_and_type(label_field::number, kVarint):
          out.number = message.get_int64();
          break;
        case tag_and_type(label_field::unit, kVarint):
          out.unit = text(message.get_int64());
          break;
        default:
          message.skip();
      }
    }
    return out;
  }

  void find_label_names() {
    pid_ = profile_.strings.add(kPidLabel);
    tid_ = profile_.strings.add(kTidLabel);
    thread_ = profile_.strings.add(kThreadLabel);
    process_ = profile_.strings.add(kProcessLabel);
    time_ = profile_.strings.add(kTimeLabel);
    time_unit_ = profile_.strings.add(kTimeUnit);
  }

  // Splits what a sample was labelled with into its thread, its time and the rest.
  void use_labels(Sample& sample) {
    if (labels_.empty()) return;
    if (labels_ == last_labels_) {
      sample.thread = last_thread_;
      sample.labels = last_rest_;
      return;
    }
    Thread thread;
    std::vector<Label> rest;
    for (const Label& label : labels_) {
      const bool is_id = label.text.empty() && label.number >= std::numeric_limits<std::int32_t>::min() &&
                         label.number <= std::numeric_limits<std::int32_t>::max();
      if (label.key == pid_ && is_id) {
        thread.pid = static_cast<std::int32_t>(label.number);
      } else if (label.key == tid_ && is_id) {
        thread.tid = static_cast<std::int32_t>(label.number);
      } else if (label.key == thread_ && !label.text.empty()) {
        thread.name = label.text;
      } else if (label.key == process_ && !label.text.empty()) {
        thread.process = label.text;
      } else if (label.key == time_ && label.unit == time_unit_ && label.number >= 0) {
        sample.time_ns = label.number;
      } else {
        rest.push_back(label);
      }
    }
    sample.thread = owners_.thread(thread);
    sample.labels = owners_.labels(std::move(rest));
    if (sample.time_ns >= 0) return;  // the next one has another
    last_labels_ = labels_;
    last_thread_ = sample.thread;
    last_rest_ = sample.labels;
  }

  std::string_view octets_;
  const char* at_;  // what is being read
  Profile profile_;
  StackTable stacks_;
  std::vector<RawValueType> types_;
  RawValueType period_type_;
  std::int64_t default_type_ = 0;
  std::vector<std::int64_t> comments_;
  std::vector<StringId> texts_;
  std::vector<data_view> mapping_views_;
  std::vector<data_view> location_views_;
  std::vector<data_view> function_views_;
  std::size_t samples_ = 0;
  Ids mappings_;
  Ids functions_;
  Ids locations_;
  std::vector<FrameKind> mapping_kinds_;
  std::vector<std::pair<FrameId, FrameId>> location_frames_;  // first and one past the last, root first
  ProfileBuilder owners_{std::vector<ValueType>{}};           // threads and labels
  StringId pid_, tid_, thread_, process_, time_, time_unit_;
  std::vector<Frame> scratch_frames_;
  std::vector<std::uint32_t> leaf_first_;
  std::vector<Label> labels_;
  std::vector<Label> last_labels_;
  ThreadId last_thread_ = 0;
  LabelsId last_rest_ = 0;
};

}  // namespace

Result<Profile> read_pprof(std::string_view octets) {
  return PprofReader(octets).read();
}

}  // namespace signalbox::profile
