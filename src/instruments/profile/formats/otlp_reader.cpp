#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <protozero/pbf_reader.hpp>

#include "instruments/profile/formats/guess.hpp"
#include "instruments/profile/formats/otlp.hpp"
#include "instruments/profile/formats/otlp_fields.hpp"
#include "instruments/profile/model/builder.hpp"

namespace signalbox::profile {
namespace {

using namespace otlp;
using protozero::data_view;
using protozero::pbf_reader;
using protozero::pbf_wire_type;

constexpr std::size_t kLinesMax = 1024;       // of one location
constexpr std::size_t kLocationsMax = 65536;  // of one stack
constexpr std::size_t kStacksMax = std::size_t{1} << 26;

// Why reading ends, before it is known where.
struct Refusal {
  std::string what;
};

struct Attribute {
  StringId key;
  StringId text;
  std::int64_t number = 0;
  StringId unit;
};

class OtlpReader {
 public:
  explicit OtlpReader(std::string_view octets)
      : octets_(octets), at_(octets.data()), builder_(std::vector<ValueType>{}) {}

  Result<Profile> read() {
    try {
      each(octets_of(octets_), [&](pbf_reader& field) {
        if (is(field, data_field::dictionary)) return keep(dictionary_, field);
        if (is(field, data_field::resource_profiles)) return keep(resources_, field);
        field.skip();
      });
      for (const data_view view : dictionary_) read_dictionary(view);
      read_tables();
      for (const data_view view : resources_) read_resource(view);
      if (profiles_.empty()) throw Refusal{"no profile"};
      for (const data_view view : profiles_) read_type(view);
      for (std::size_t i = 0; i < profiles_.size(); ++i) read_profile(profiles_[i], i);
      return std::move(builder_).finish();
    } catch (const Refusal& refusal) {
      return refused(refusal.what);
    } catch (const protozero::exception& error) {
      return refused(fmt::format("no protobuf: {}", error.what()));
    }
  }

 private:
  using Views = std::vector<data_view>;

  static data_view octets_of(std::string_view octets) { return {octets.data(), octets.size()}; }
  static bool is(const pbf_reader& field, Tag tag) {
    return field.tag() == tag && field.wire_type() == pbf_wire_type::length_delimited;
  }
  static bool is_number(const pbf_reader& field, Tag tag) {
    return field.tag() == tag && field.wire_type() == pbf_wire_type::varint;
  }
  static void keep(Views& views, pbf_reader& field) { views.push_back(field.get_view()); }

  // Calls `use` for each field of a message; where one begins is where an error in it is.
  template <class Use>
  void each(data_view view, const Use& use) {
    pbf_reader message(view);
    for (;;) {
      at_ = message.data().data();
      if (!message.next()) return;
      use(message);
    }
  }

  // Numbers that are packed or not.
  template <class Use>
  static bool numbers(pbf_reader& field, Tag tag, const Use& use) {
    if (is_number(field, tag)) {
      use(field.get_int64());
      return true;
    }
    if (!is(field, tag)) return false;
    for (const std::int64_t number : field.get_packed_int64()) use(number);
    return true;
  }

  tl::unexpected<Error> refused(const std::string& what) const {
    return fail(ErrorKind::bad_input, fmt::format("offset {}: {}", at_ - octets_.data(), what),
                "profiles of OpenTelemetry are read as their protocol had them in August 2026");
  }

  static std::size_t index_in(std::int64_t index, std::size_t size, const char* what) {
    if (index < 0 || static_cast<std::uint64_t>(index) >= size) {
      if (index == 0) return 0;
      throw Refusal{fmt::format("{} {} of {}", what, index, size)};
    }
    return static_cast<std::size_t>(index);
  }

  StringId text(std::int64_t index) const {
    const std::size_t i = index_in(index, texts_.size(), "text");
    return i < texts_.size() ? texts_[i] : StringId{};
  }

  void read_dictionary(data_view view) {
    each(view, [&](pbf_reader& field) {
      if (is(field, dictionary_field::text)) {
        const data_view octets = field.get_view();
        if (texts_.empty() && octets.size() != 0) throw Refusal{"the first text is not empty"};
        texts_.push_back(builder_.string({octets.data(), octets.size()}));
        return;
      }
      if (is(field, dictionary_field::mapping)) return keep(mapping_views_, field);
      if (is(field, dictionary_field::location)) return keep(location_views_, field);
      if (is(field, dictionary_field::function)) return keep(function_views_, field);
      if (is(field, dictionary_field::attribute)) return keep(attribute_views_, field);
      if (is(field, dictionary_field::stack)) return keep(stack_views_, field);
      field.skip();
    });
  }

  void read_tables() {
    for (const data_view view : attribute_views_) attributes_.push_back(attribute_of(view));
    for (const data_view view : mapping_views_) mappings_.push_back(builder_.mapping(mapping_of(view)));
    for (const data_view view : function_views_) functions_.push_back(builder_.function(function_of(view)));
    for (const data_view view : location_views_) read_location(view);
    for (const data_view view : stack_views_) read_stack(view);
  }

  Attribute attribute_of(data_view view) {
    Attribute out;
    each(view, [&](pbf_reader& field) {
      if (is_number(field, key_value_field::key)) {
        out.key = text(field.get_int64());
      } else if (is_number(field, key_value_field::unit)) {
        out.unit = text(field.get_int64());
      } else if (is(field, key_value_field::value)) {
        read_value(field.get_view(), out);
      } else {
        field.skip();
      }
    });
    return out;
  }

  void read_value(data_view view, Attribute& out) {
    each(view, [&](pbf_reader& field) {
      if (is(field, any_value_field::text)) {
        const data_view octets = field.get_view();
        out.text = builder_.string({octets.data(), octets.size()});
      } else if (is_number(field, any_value_field::number)) {
        out.number = field.get_int64();
      } else {
        field.skip();
      }
    });
  }

  const Attribute& attribute(std::int64_t index) const {
    static const Attribute none;
    const std::size_t i = index_in(index, attributes_.size(), "attribute");
    return i < attributes_.size() ? attributes_[i] : none;
  }

  bool is_key(const Attribute& attribute, std::string_view key) const {
    return builder_.profile().text(attribute.key) == key;
  }

  Mapping mapping_of(data_view view) {
    Mapping out;
    each(view, [&](pbf_reader& field) {
      const auto take_build_id = [&](std::int64_t index) {
        if (is_key(attribute(index), kBuildId)) out.build_id = attribute(index).text;
      };
      if (is_number(field, mapping_field::memory_start)) {
        out.start = field.get_uint64();
      } else if (is_number(field, mapping_field::memory_limit)) {
        out.limit = field.get_uint64();
      } else if (is_number(field, mapping_field::file_offset)) {
        out.file_offset = field.get_uint64();
      } else if (is_number(field, mapping_field::filename)) {
        out.path = text(field.get_int64());
      } else if (!numbers(field, mapping_field::attribute_indices, take_build_id)) {
        field.skip();
      }
    });
    return out;
  }

  Function function_of(data_view view) {
    Function out;
    each(view, [&](pbf_reader& field) {
      if (is_number(field, function_field::name)) {
        out.name = text(field.get_int64());
      } else if (is_number(field, function_field::system_name)) {
        out.system_name = text(field.get_int64());
      } else if (is_number(field, function_field::filename)) {
        out.file = text(field.get_int64());
      } else if (is_number(field, function_field::start_line)) {
        out.start_line = field.get_int64();
      } else {
        field.skip();
      }
    });
    if (out.name.empty()) out.name = out.system_name;
    if (out.system_name == out.name) out.system_name = {};
    return out;
  }

  void read_location(data_view view) {
    Frame place;
    std::string_view type;
    std::vector<Frame> inner_first;
    each(view, [&](pbf_reader& field) {
      const auto take_type = [&](std::int64_t index) {
        if (is_key(attribute(index), kFrameType)) type = builder_.profile().text(attribute(index).text);
      };
      if (is_number(field, location_field::mapping_index)) {
        const std::size_t index = index_in(field.get_int64(), mappings_.size(), "mapping");
        place.mapping = index < mappings_.size() ? mappings_[index] : 0;
      } else if (is_number(field, location_field::address)) {
        place.address = field.get_uint64();
      } else if (is(field, location_field::lines)) {
        if (inner_first.size() == kLinesMax)
          throw Refusal{fmt::format("a location with more than {} lines", kLinesMax)};
        inner_first.push_back(line_of(field.get_view()));
      } else if (!numbers(field, location_field::attribute_indices, take_type)) {
        field.skip();
      }
    });
    if (inner_first.empty()) inner_first.emplace_back();
    std::vector<FrameId>& frames = locations_.emplace_back();
    for (std::size_t i = inner_first.size(); i-- > 0;) {
      Frame frame = inner_first[i];
      frame.mapping = place.mapping;
      frame.address = place.address;
      frame.kind = i + 1 == inner_first.size() ? kind_of(frame, type) : FrameKind::inlined;
      frames.push_back(builder_.frame(frame));
    }
  }

  Frame line_of(data_view view) {
    const auto small = [](std::int64_t number) {
      return number < 0 || number > std::numeric_limits<std::int32_t>::max()
                 ? 0
                 : static_cast<std::int32_t>(number);
    };
    Frame out;
    each(view, [&](pbf_reader& field) {
      if (is_number(field, line_field::function_index)) {
        const std::size_t index = index_in(field.get_int64(), functions_.size(), "function");
        out.function = index < functions_.size() ? functions_[index] : 0;
      } else if (is_number(field, line_field::line)) {
        out.line = small(field.get_int64());
      } else if (is_number(field, line_field::column)) {
        out.column = small(field.get_int64());
      } else {
        field.skip();
      }
    });
    return out;
  }

  // By its type; names of languages ("cpython", "v8js") are those of interpreters.
  FrameKind kind_of(const Frame& frame, std::string_view type) const {
    const Profile& profile = builder_.profile();
    if (type == "kernel") return FrameKind::kernel;
    if (type == "jit") return FrameKind::jit;
    if (type == "synthetic") return FrameKind::synthetic;
    if (!type.empty() && type != "native") return FrameKind::interpreted;
    if (frame.mapping != 0) return kind_of_mapping(profile.text(profile.mappings[frame.mapping].path));
    const Function& function = profile.functions[frame.function];
    return kind_of_name(profile.text(function.name), profile.text(function.file));
  }

  void read_stack(data_view view) {
    std::vector<std::size_t> leaf_first;
    each(view, [&](pbf_reader& field) {
      const auto take = [&](std::int64_t index) {
        if (leaf_first.size() == kLocationsMax)
          throw Refusal{fmt::format("a stack of more than {} locations", kLocationsMax)};
        leaf_first.push_back(index_in(index, locations_.size(), "location"));
      };
      if (!numbers(field, stack_field::location_indices, take)) field.skip();
    });
    StackId stack = 0;
    for (std::size_t i = leaf_first.size(); i-- > 0;) {
      if (leaf_first[i] >= locations_.size()) continue;
      for (const FrameId frame : locations_[leaf_first[i]]) stack = builder_.stack(stack, frame);
    }
    if (builder_.profile().stacks.size() > kStacksMax)
      throw Refusal{fmt::format("more than {} different stacks", kStacksMax)};
    stacks_.push_back(stack);
  }

  void read_resource(data_view view) {
    each(view, [&](pbf_reader& field) {
      if (is(field, resource_profiles_field::resource)) return read_resource_attributes(field.get_view());
      if (is(field, resource_profiles_field::scope_profiles)) {
        return each(field.get_view(), [&](pbf_reader& scope) {
          if (is(scope, scope_profiles_field::profiles)) return keep(profiles_, scope);
          scope.skip();
        });
      }
      field.skip();
    });
  }

  void read_resource_attributes(data_view view) {
    each(view, [&](pbf_reader& field) {
      if (!is(field, resource_field::attributes)) return field.skip();
      std::string key;
      Attribute value;
      each(field.get_view(), [&](pbf_reader& pair) {
        if (is(pair, key_value_field::key)) {
          key = pair.get_string();
        } else if (is(pair, key_value_field::value)) {
          read_value(pair.get_view(), value);
        } else {
          pair.skip();
        }
      });
      builder_.profile().annotations.emplace_back(key, builder_.profile().text(value.text));
    });
  }

  ValueType value_type(data_view view) {
    ValueType out;
    each(view, [&](pbf_reader& field) {
      if (is_number(field, value_type_field::type)) {
        out.type = builder_.profile().text(text(field.get_int64()));
      } else if (is_number(field, value_type_field::unit)) {
        out.unit = builder_.profile().text(text(field.get_int64()));
      } else {
        field.skip();
      }
    });
    return out;
  }

  // Columns are the types of all profiles, each once.
  void read_type(data_view view) {
    ValueType type;
    Profile& profile = builder_.profile();
    each(view, [&](pbf_reader& field) {
      if (is(field, profile_field::sample_type)) {
        type = value_type(field.get_view());
      } else if (is(field, profile_field::period_type)) {
        profile.period_type = value_type(field.get_view());
      } else if (is_number(field, profile_field::period)) {
        profile.period = field.get_int64();
      } else if (is_number(field, profile_field::duration_nano)) {
        profile.duration_ns = field.get_int64();
      } else if (field.tag() == profile_field::time_unix_nano &&
                 field.wire_type() == pbf_wire_type::fixed64) {
        profile.start_unix_ns = static_cast<std::int64_t>(field.get_fixed64());
      } else {
        field.skip();
      }
    });
    std::vector<ValueType>& types = profile.value_types;
    const auto found = std::find(types.begin(), types.end(), type);
    columns_.push_back(static_cast<std::size_t>(found - types.begin()));
    if (found == types.end()) types.push_back(type);
    profile.default_value = types.size() - 1;
  }

  void read_profile(data_view view, std::size_t index) {
    each(view, [&](pbf_reader& field) {
      if (!is(field, profile_field::samples)) return field.skip();
      read_sample(field.get_view(), columns_[index]);
    });
  }

  // Values, or, where there are none, one for each time at which it was seen.
  void read_sample(data_view view, std::size_t column) {
    Sample sample;
    std::vector<std::int64_t> values;
    std::size_t times = 0;
    std::vector<Attribute> attributes;
    each(view, [&](pbf_reader& field) {
      if (is_number(field, sample_field::stack_index)) {
        const std::size_t index = index_in(field.get_int64(), stacks_.size(), "stack");
        sample.stack = index < stacks_.size() ? stacks_[index] : 0;
      } else if (is(field, sample_field::timestamps_unix_nano)) {
        times += field.get_view().size() / sizeof(std::uint64_t);
      } else if (!numbers(field, sample_field::values,
                          [&](std::int64_t value) { values.push_back(value); }) &&
                 !numbers(field, sample_field::attribute_indices,
                          [&](std::int64_t index) { attributes.push_back(attribute(index)); })) {
        field.skip();
      }
    });
    if (values.empty()) values.push_back(static_cast<std::int64_t>(times));
    use_attributes(attributes, sample);
    std::vector<std::int64_t> row(builder_.profile().value_types.size());
    for (const std::int64_t value : values) {
      row[column] = value;
      builder_.add(sample, row);
    }
  }

  void use_attributes(const std::vector<Attribute>& attributes, Sample& sample) {
    Thread thread;
    std::vector<Label> labels;
    for (const Attribute& attribute : attributes) {
      const bool is_id = attribute.text.empty() && attribute.number >= 0 &&
                         attribute.number <= std::numeric_limits<std::int32_t>::max();
      if (is_id && is_key(attribute, kPid)) {
        thread.pid = static_cast<std::int32_t>(attribute.number);
      } else if (is_id && is_key(attribute, kTid)) {
        thread.tid = static_cast<std::int32_t>(attribute.number);
      } else if (is_key(attribute, kThreadName)) {
        thread.name = attribute.text;
      } else if (is_key(attribute, kProcessName)) {
        thread.process = attribute.text;
      } else {
        labels.push_back({attribute.key, attribute.text, attribute.number, attribute.unit});
      }
    }
    sample.thread = builder_.thread(thread);
    sample.labels = builder_.labels(std::move(labels));
  }

  std::string_view octets_;
  const char* at_;  // what is being read
  ProfileBuilder builder_;
  Views dictionary_, resources_, profiles_;
  Views mapping_views_, location_views_, function_views_, attribute_views_, stack_views_;
  std::vector<StringId> texts_;
  std::vector<Attribute> attributes_;
  std::vector<MappingId> mappings_;
  std::vector<FunctionId> functions_;
  std::vector<std::vector<FrameId>> locations_;  // root first
  std::vector<StackId> stacks_;
  std::vector<std::size_t> columns_;  // by profile
};

}  // namespace

Result<Profile> read_otlp(std::string_view octets) {
  return OtlpReader(octets).read();
}

}  // namespace signalbox::profile
