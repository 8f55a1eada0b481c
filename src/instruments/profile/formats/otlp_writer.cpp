#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <protozero/pbf_writer.hpp>

#include "core/base/text.hpp"
#include "core/base/version.hpp"
#include "instruments/profile/formats/otlp.hpp"
#include "instruments/profile/formats/otlp_fields.hpp"
#include "instruments/profile/formats/rows.hpp"

namespace signalbox::profile {
namespace {

using namespace otlp;
using protozero::pbf_writer;

// What OpenTelemetry calls a kind of frame.
const char* frame_type_of(FrameKind kind) {
  switch (kind) {
    case FrameKind::kernel:
      return "kernel";
    case FrameKind::jit:
      return "jit";
    case FrameKind::interpreted:
      return "interpreted";
    case FrameKind::synthetic:
      return "synthetic";
    case FrameKind::user:
    case FrameKind::inlined:
      break;
  }
  return "native";
}

class OtlpWriter {
 public:
  explicit OtlpWriter(const Profile& profile)
      : profile_(profile), rows_(merged_rows(profile)), functions_(profile.functions.size()) {
    // The zero values.
    for (const Tag table : {dictionary_field::mapping, dictionary_field::location, dictionary_field::function,
                            dictionary_field::link, dictionary_field::attribute, dictionary_field::stack})
      dictionary_.add_message(table, std::string());
    text("");
  }

  std::string write() {
    put_mappings();
    std::string profiles;
    pbf_writer scope_profiles(profiles);
    put_scope(scope_profiles);
    for (std::size_t column = 0; column < profile_.value_types.size(); ++column)
      put_profile(scope_profiles, column);
    std::string octets;
    pbf_writer data(octets);
    {
      pbf_writer resource_profiles(data, data_field::resource_profiles);
      put_resource(resource_profiles);
      resource_profiles.add_message(resource_profiles_field::scope_profiles, profiles);
    }
    for (const std::string& text : texts_) dictionary_.add_string(dictionary_field::text, text);
    data.add_message(data_field::dictionary, dictionary_octets_);
    return octets;
  }

 private:
  static std::string clean(std::string_view text) {
    return is_utf8(text) ? std::string(text) : escape_invalid_utf8(text);
  }

  std::int32_t text(std::string_view text) {
    const auto [found, is_new] =
        text_numbers_.try_emplace(clean(text), static_cast<std::int32_t>(texts_.size()));
    if (is_new) texts_.push_back(found->first);
    return found->second;
  }

  // An attribute of the table: its value is a text, or, where that is empty, a number.
  struct Attribute {
    std::int32_t key = 0;
    std::string text;
    std::int64_t number = 0;
    std::int32_t unit = 0;
    auto operator<=>(const Attribute&) const = default;
  };

  std::int32_t attribute(const Attribute& attribute) {
    const auto [found, is_new] =
        attributes_.try_emplace(attribute, static_cast<std::int32_t>(attributes_.size() + 1));
    if (is_new) {
      pbf_writer message(dictionary_, dictionary_field::attribute);
      message.add_int32(key_value_field::key, attribute.key);
      {
        pbf_writer value(message, key_value_field::value);
        if (attribute.text.empty()) value.add_int64(any_value_field::number, attribute.number);
        if (!attribute.text.empty()) value.add_string(any_value_field::text, attribute.text);
      }
      if (attribute.unit != 0) message.add_int32(key_value_field::unit, attribute.unit);
    }
    return found->second;
  }

  void put_scope(pbf_writer& scope_profiles) {
    pbf_writer scope(scope_profiles, scope_profiles_field::scope);
    scope.add_string(scope_field::name, "signalbox");
    scope.add_string(scope_field::version, std::string(version()));
  }

  void put_resource(pbf_writer& resource_profiles) {
    pbf_writer resource(resource_profiles, resource_profiles_field::resource);
    for (const auto& [key, text] : profile_.annotations) {
      pbf_writer pair(resource, resource_field::attributes);
      pair.add_string(key_value_field::key, clean(key));
      pbf_writer value(pair, key_value_field::value);
      value.add_string(any_value_field::text, clean(text));
    }
  }

  void put_value_type(pbf_writer& message, Tag tag, const ValueType& type) {
    const std::int32_t name = text(type.type);
    const std::int32_t unit = text(type.unit);
    pbf_writer out(message, tag);
    out.add_int32(value_type_field::type, name);
    out.add_int32(value_type_field::unit, unit);
  }

  void put_profile(pbf_writer& scope_profiles, std::size_t column) {
    std::string octets;
    pbf_writer message(octets);
    put_value_type(message, profile_field::sample_type, profile_.value_types[column]);
    for (std::size_t i = 0; i < rows_.samples.size(); ++i) {
      const std::int64_t value = rows_.values_of(i)[column];
      if (value == 0) continue;
      const std::int32_t stack_index = stack(rows_.samples[i].stack);
      const std::vector<std::int32_t> attributes = attributes_of(rows_.samples[i]);
      pbf_writer sample(message, profile_field::samples);
      sample.add_int32(sample_field::stack_index, stack_index);
      sample.add_packed_int32(sample_field::attribute_indices, attributes.begin(), attributes.end());
      sample.add_packed_int64(sample_field::values, &value, &value + 1);
    }
    message.add_fixed64(profile_field::time_unix_nano, static_cast<std::uint64_t>(profile_.start_unix_ns));
    message.add_uint64(profile_field::duration_nano, static_cast<std::uint64_t>(profile_.duration_ns));
    put_value_type(message, profile_field::period_type, profile_.period_type);
    message.add_int64(profile_field::period, profile_.period);
    scope_profiles.add_message(scope_profiles_field::profiles, octets);
  }

  std::vector<std::int32_t> attributes_of(const Sample& sample) {
    std::vector<std::int32_t> out;
    const Thread& thread = profile_.threads[sample.thread];
    const auto add_text = [&](const char* key, StringId value) {
      if (!value.empty()) out.push_back(attribute({text(key), clean(profile_.text(value)), 0, 0}));
    };
    if (thread.pid != 0) out.push_back(attribute({text(kPid), {}, thread.pid, 0}));
    if (thread.tid != 0) out.push_back(attribute({text(kTid), {}, thread.tid, 0}));
    add_text(kThreadName, thread.name);
    add_text(kProcessName, thread.process);
    for (const Label& label : profile_.labels[sample.labels]) {
      out.push_back(attribute({text(profile_.text(label.key)), clean(profile_.text(label.text)), label.number,
                               text(profile_.text(label.unit))}));
    }
    return out;
  }

  void put_mappings() {
    for (MappingId id = 1; id < profile_.mappings.size(); ++id) {
      const Mapping& mapping = profile_.mappings[id];
      const std::int32_t path = text(profile_.text(mapping.path));
      std::vector<std::int32_t> attributes;
      if (!mapping.build_id.empty())
        attributes.push_back(attribute({text(kBuildId), clean(profile_.text(mapping.build_id)), 0, 0}));
      pbf_writer message(dictionary_, dictionary_field::mapping);
      message.add_uint64(mapping_field::memory_start, mapping.start);
      message.add_uint64(mapping_field::memory_limit, mapping.limit);
      message.add_uint64(mapping_field::file_offset, mapping.file_offset);
      message.add_int32(mapping_field::filename, path);
      message.add_packed_int32(mapping_field::attribute_indices, attributes.begin(), attributes.end());
    }
  }

  // A stack is its locations, leaf first; a location is a frame and what was inlined into it, innermost
  // first.
  std::int32_t stack(StackId top) {
    if (top == 0) return 0;
    const auto [found, is_new] = stacks_.try_emplace(top, static_cast<std::int32_t>(stacks_.size() + 1));
    if (!is_new) return found->second;
    std::vector<std::int32_t> locations;
    std::vector<FrameId> group;
    for (StackId at = top; at != 0; at = profile_.stacks[at].parent) {
      group.push_back(profile_.stacks[at].frame);
      const bool goes_on =
          profile_.frames[group.back()].kind == FrameKind::inlined && profile_.stacks[at].parent != 0;
      if (goes_on) continue;
      locations.push_back(location(group));
      group.clear();
    }
    const std::int32_t number = found->second;
    pbf_writer message(dictionary_, dictionary_field::stack);
    message.add_packed_int32(stack_field::location_indices, locations.begin(), locations.end());
    return number;
  }

  std::int32_t location(const std::vector<FrameId>& group) {
    const auto [found, is_new] =
        locations_.try_emplace(group, static_cast<std::int32_t>(locations_.size() + 1));
    if (!is_new) return found->second;
    const Frame& physical = profile_.frames[group.back()];
    const std::int32_t type = attribute({text(kFrameType), frame_type_of(physical.kind), 0, 0});
    for (const FrameId frame : group) function(profile_.frames[frame].function);
    pbf_writer message(dictionary_, dictionary_field::location);
    message.add_int32(location_field::mapping_index, static_cast<std::int32_t>(physical.mapping));
    message.add_uint64(location_field::address, physical.address);
    for (const FrameId id : group) {
      const Frame& frame = profile_.frames[id];
      if (frame.function == 0) continue;
      pbf_writer line(message, location_field::lines);
      line.add_int32(line_field::function_index, functions_[frame.function]);
      line.add_int64(line_field::line, frame.line);
      line.add_int64(line_field::column, frame.column);
    }
    message.add_packed_int32(location_field::attribute_indices, &type, &type + 1);
    return found->second;
  }

  void function(FunctionId id) {
    if (id == 0 || functions_[id] != 0) return;
    functions_[id] = ++last_function_;
    const Function& function = profile_.functions[id];
    const std::int32_t name = text(profile_.text(function.name));
    const std::int32_t system_name =
        text(profile_.text(function.system_name.empty() ? function.name : function.system_name));
    const std::int32_t file = text(profile_.text(function.file));
    pbf_writer message(dictionary_, dictionary_field::function);
    message.add_int32(function_field::name, name);
    message.add_int32(function_field::system_name, system_name);
    message.add_int32(function_field::filename, file);
    message.add_int64(function_field::start_line, function.start_line);
  }

  const Profile& profile_;
  Rows rows_;
  std::string dictionary_octets_;
  pbf_writer dictionary_{dictionary_octets_};
  std::vector<std::string> texts_;
  std::unordered_map<std::string, std::int32_t> text_numbers_;
  std::map<Attribute, std::int32_t> attributes_;
  std::vector<std::int32_t> functions_;  // 0: not written yet
  std::int32_t last_function_ = 0;
  std::map<std::vector<FrameId>, std::int32_t> locations_;
  std::unordered_map<StackId, std::int32_t> stacks_;
};

}  // namespace

std::string write_otlp(const Profile& profile) {
  return OtlpWriter(profile).write();
}

}  // namespace signalbox::profile
