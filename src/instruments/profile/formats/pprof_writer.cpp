#include <string>
#include <unordered_map>
#include <vector>

#include <protozero/pbf_writer.hpp>

#include "core/base/gzip.hpp"
#include "instruments/profile/formats/guess.hpp"
#include "instruments/profile/formats/pprof.hpp"
#include "instruments/profile/formats/pprof_fields.hpp"

namespace signalbox::profile {
namespace {

using namespace pprof;

constexpr int kGzipLevel = 6;

// The string table: each text that is used, in the order of first use.
class Texts {
 public:
  explicit Texts(const Profile& profile) : profile_(profile), by_id_(profile.strings.size()) {}

  std::int64_t operator()(StringId id) {
    if (id.empty()) return 0;
    std::uint32_t& number = by_id_[id.value];
    if (number == 0) number = add(profile_.text(id));
    return number;
  }
  std::int64_t operator()(std::string_view text) {
    if (text.empty()) return 0;
    const auto [found, is_new] = others_.try_emplace(text, 0);
    if (is_new) found->second = add(text);
    return found->second;
  }
  const std::vector<std::string_view>& all() const { return texts_; }

 private:
  std::uint32_t add(std::string_view text) {
    texts_.push_back(text);
    return static_cast<std::uint32_t>(texts_.size() - 1);
  }

  const Profile& profile_;
  std::vector<std::uint32_t> by_id_;  // 0: not used yet
  std::unordered_map<std::string_view, std::uint32_t> others_;
  std::vector<std::string_view> texts_{""};
};

// What is known of a mapping's locations.
struct Known {
  bool functions = false;
  bool files = false;
  bool lines = false;
  bool inlined = false;
};

class PprofWriter {
 public:
  explicit PprofWriter(const Profile& profile)
      : profile_(profile),
        texts_(profile),
        functions_(profile.functions.size()),
        steps_(profile.stacks.size()),
        known_(profile.mappings.size()) {
    number_mappings();
  }

  std::string write(const Rows& rows) {
    put_value_types();
    for (std::size_t i = 0; i < rows.samples.size(); ++i) put_sample(rows.samples[i], rows.values_of(i));
    put_mappings();
    put_facts();
    for (const std::string_view text : texts_.all())
      out_.add_bytes(profile_field::string_table, text.data(), text.size());
    return std::move(octets_);
  }

 private:
  // From the top of a stack: the location there, which is a frame and what was inlined into it, and what is
  // below it.
  struct Step {
    std::uint32_t location = 0;  // 0: not looked at yet
    StackId below = 0;
  };

  void number_mappings() {
    mappings_.resize(profile_.mappings.size());
    const MappingId main = main_binary(profile_);
    std::uint32_t next = 1;
    if (main != 0) mappings_[main] = next++;
    for (MappingId id = 1; id < mappings_.size(); ++id) {
      if (id != main) mappings_[id] = next++;
    }
  }

  void add_message(Tag tag, const std::string& octets) { out_.add_message(tag, octets); }

  std::string value_type(const ValueType& type) {
    std::string octets;
    protozero::pbf_writer message(octets);
    message.add_int64(value_type_field::type, texts_(type.type));
    message.add_int64(value_type_field::unit, texts_(type.unit));
    return octets;
  }

  void put_value_types() {
    for (const ValueType& type : profile_.value_types)
      add_message(profile_field::sample_type, value_type(type));
  }

  void put_sample(const Sample& sample, std::span<const std::int64_t> values) {
    scratch_.clear();
    protozero::pbf_writer message(scratch_);
    locations_.clear();
    for (StackId stack = sample.stack; stack != 0;) {
      const Step& step = step_of(stack);
      locations_.push_back(step.location);
      stack = step.below;
    }
    message.add_packed_uint64(sample_field::location_id, locations_.begin(), locations_.end());
    message.add_packed_int64(sample_field::value, values.begin(), values.end());
    put_labels(message, sample);
    add_message(profile_field::sample, scratch_);
  }

  void put_labels(protozero::pbf_writer& sample_message, const Sample& sample) {
    const Thread& thread = profile_.threads[sample.thread];
    if (thread.pid != 0) put_label(sample_message, texts_(kPidLabel), 0, thread.pid, 0);
    if (thread.tid != 0) put_label(sample_message, texts_(kTidLabel), 0, thread.tid, 0);
    if (!thread.name.empty()) put_label(sample_message, texts_(kThreadLabel), texts_(thread.name), 0, 0);
    if (!thread.process.empty())
      put_label(sample_message, texts_(kProcessLabel), texts_(thread.process), 0, 0);
    if (sample.time_ns >= 0)
      put_label(sample_message, texts_(kTimeLabel), 0, sample.time_ns, texts_(kTimeUnit));
    for (const Label& label : profile_.labels[sample.labels]) {
      put_label(sample_message, texts_(label.key), texts_(label.text), label.number, texts_(label.unit));
    }
  }

  static void put_label(protozero::pbf_writer& sample_message, std::int64_t key, std::int64_t text,
                        std::int64_t number, std::int64_t unit) {
    protozero::pbf_writer message(sample_message, sample_field::label);
    message.add_int64(label_field::key, key);
    if (text != 0) {
      message.add_int64(label_field::text, text);
      return;
    }
    message.add_int64(label_field::number, number);
    if (unit != 0) message.add_int64(label_field::unit, unit);
  }

  const Step& step_of(StackId top) {
    Step& step = steps_[top];
    if (step.location != 0) return step;
    group_.clear();
    StackId stack = top;
    while (stack != 0) {
      const FrameId frame = profile_.stacks[stack].frame;
      group_.push_back(frame);
      stack = profile_.stacks[stack].parent;
      if (profile_.frames[frame].kind != FrameKind::inlined) break;
    }
    step = {location_of_group(), stack};
    return step;
  }

  std::uint32_t location_of_group() {
    std::uint32_t node = 0;
    for (const FrameId frame : group_) {
      const std::uint64_t key = (std::uint64_t{node} << 32) | frame;
      node = group_nodes_.try_emplace(key, static_cast<std::uint32_t>(group_nodes_.size() + 1)).first->second;
    }
    const auto [found, is_new] =
        group_locations_.try_emplace(node, static_cast<std::uint32_t>(group_locations_.size() + 1));
    if (is_new) put_location(found->second);
    return found->second;
  }

  void put_location(std::uint32_t id) {
    const Frame& physical = profile_.frames[group_.back()];
    Known& known = known_[physical.mapping];
    known.inlined = known.inlined || group_.size() > 1;
    std::string octets;
    protozero::pbf_writer message(octets);
    message.add_uint64(location_field::id, id);
    if (physical.mapping != 0) message.add_uint64(location_field::mapping_id, mappings_[physical.mapping]);
    if (physical.address != 0) message.add_uint64(location_field::address, physical.address);
    for (const FrameId frame_id : group_) {
      const Frame& frame = profile_.frames[frame_id];
      if (frame.function == 0) continue;
      known.functions = true;
      known.files = known.files || !profile_.functions[frame.function].file.empty();
      known.lines = known.lines || frame.line != 0;
      const std::uint32_t function = function_of(frame.function);
      protozero::pbf_writer line(message, location_field::line);
      line.add_uint64(line_field::function_id, function);
      if (frame.line != 0) line.add_int64(line_field::line, frame.line);
      if (frame.column != 0) line.add_int64(line_field::column, frame.column);
    }
    add_message(profile_field::location, octets);
  }

  std::uint32_t function_of(FunctionId function_id) {
    std::uint32_t& id = functions_[function_id];
    if (id != 0) return id;
    id = ++last_function_;
    const Function& function = profile_.functions[function_id];
    std::string octets;
    protozero::pbf_writer message(octets);
    message.add_uint64(function_field::id, id);
    message.add_int64(function_field::name, texts_(function.name));
    message.add_int64(function_field::system_name,
                      texts_(function.system_name.empty() ? function.name : function.system_name));
    if (!function.file.empty()) message.add_int64(function_field::filename, texts_(function.file));
    if (function.start_line != 0) message.add_int64(function_field::start_line, function.start_line);
    add_message(profile_field::function, octets);
    return id;
  }

  void put_mappings() {
    std::vector<MappingId> in_order(mappings_.size());
    for (MappingId id = 1; id < mappings_.size(); ++id) in_order[mappings_[id]] = id;
    for (std::size_t number = 1; number < in_order.size(); ++number) {
      const Mapping& mapping = profile_.mappings[in_order[number]];
      const Known& known = known_[in_order[number]];
      std::string octets;
      protozero::pbf_writer message(octets);
      message.add_uint64(mapping_field::id, number);
      message.add_uint64(mapping_field::memory_start, mapping.start);
      message.add_uint64(mapping_field::memory_limit, mapping.limit);
      message.add_uint64(mapping_field::file_offset, mapping.file_offset);
      message.add_int64(mapping_field::filename, texts_(mapping.path));
      message.add_int64(mapping_field::build_id, texts_(mapping.build_id));
      message.add_bool(mapping_field::has_functions, known.functions);
      message.add_bool(mapping_field::has_filenames, known.files);
      message.add_bool(mapping_field::has_line_numbers, known.lines);
      message.add_bool(mapping_field::has_inline_frames, known.inlined);
      add_message(profile_field::mapping, octets);
    }
  }

  void put_facts() {
    if (profile_.start_unix_ns != 0) out_.add_int64(profile_field::time_nanos, profile_.start_unix_ns);
    if (profile_.duration_ns != 0) out_.add_int64(profile_field::duration_nanos, profile_.duration_ns);
    if (!profile_.period_type.type.empty())
      add_message(profile_field::period_type, value_type(profile_.period_type));
    if (profile_.period != 0) out_.add_int64(profile_field::period, profile_.period);
    for (const auto& [key, value] : profile_.annotations) comments_.push_back(key + "=" + value);
    comments_.insert(comments_.end(), profile_.comments.begin(), profile_.comments.end());
    for (const std::string& comment : comments_) out_.add_int64(profile_field::comment, texts_(comment));
    if (profile_.default_value < profile_.value_types.size())
      out_.add_int64(profile_field::default_sample_type,
                     texts_(profile_.value_types[profile_.default_value].type));
  }

  const Profile& profile_;
  std::string octets_;
  protozero::pbf_writer out_{octets_};
  Texts texts_;
  std::vector<std::string> comments_;  // texts_ points at them
  std::vector<std::uint32_t> mappings_;
  std::vector<std::uint32_t> functions_;  // 0: not written yet
  std::uint32_t last_function_ = 0;
  std::vector<Step> steps_;
  std::vector<Known> known_;
  // A group of frames is a path in a tree of frames, innermost first.
  std::unordered_map<std::uint64_t, std::uint32_t> group_nodes_;
  std::unordered_map<std::uint32_t, std::uint32_t> group_locations_;
  std::vector<FrameId> group_;            // scratch
  std::vector<std::uint64_t> locations_;  // scratch
  std::string scratch_;
};

}  // namespace

std::string write_pprof(const Profile& profile, const PprofOptions& options) {
  std::string octets = PprofWriter(profile).write(options.times == SampleTimes::kept ? kept_rows(profile)
                                                                                     : merged_rows(profile));
  return options.compression == Compression::gzip ? gzip(octets, kGzipLevel) : octets;
}

}  // namespace signalbox::profile
