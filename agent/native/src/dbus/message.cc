// Reading and writing of D-Bus messages, see message.hh.
#include "dbus/message.hh"

#include <bit>
#include <cstring>

namespace fairlead::dbus {

namespace {

// The table "Header Fields" of "Message Format".
enum Field : uint8_t {
  PATH = 1,
  INTERFACE = 2,
  MEMBER = 3,
  ERROR_NAME = 4,
  REPLY_SERIAL = 5,
  DESTINATION = 6,
  SENDER = 7,
  SIGNATURE = 8,
};

constexpr bool BIG = std::endian::native == std::endian::big;

size_t padding(size_t at, size_t to) { return (to - at % to) % to; }

void write_field(Writer& out, uint8_t code, const char* type, const std::string& value) {
  if (value.empty()) return;
  out.align(8);
  out.byte(code);
  out.signature(type);
  if (*type == 'g') out.signature(value);
  else out.text(value);
}

std::unexpected<Error> broken(const char* what) { return refuse("read D-Bus message", what); }

// One header field: a struct of its code and a variant. Unknown ones are to be ignored.
bool read_field(Reader& in, Message& out) {
  in.align(8);
  const uint8_t code = in.byte();
  const std::string type = in.signature();
  if (!in.ok() || type.size() != 1) return false;
  const auto text = [&](char wanted, std::string& to) {
    if (type[0] != wanted) return false;
    to = wanted == 'g' ? in.signature() : in.text();
    return in.ok();
  };
  switch (code) {
  case PATH: return text('o', out.path);
  case INTERFACE: return text('s', out.interface);
  case MEMBER: return text('s', out.member);
  case ERROR_NAME: return text('s', out.error_name);
  case SENDER: return text('s', out.sender);
  case SIGNATURE: return text('g', out.signature);
  case REPLY_SERIAL:
    if (type[0] != 'u') return false;
    out.reply_serial = in.number32();
    return in.ok();
  default: return code != 0 && in.skip(type[0]);
  }
}

// "Message Format" says which fields each type must have.
bool is_complete(const Message& message) {
  switch (message.type) {
  case Type::call: return !message.path.empty() && !message.member.empty();
  case Type::reply: return message.reply_serial != 0;
  case Type::error: return message.reply_serial != 0 && !message.error_name.empty();
  case Type::signal:
    return !message.path.empty() && !message.interface.empty() && !message.member.empty();
  }
  return true; // a type of a later protocol, which nobody here waits for
}

} // namespace

void Writer::align(size_t to) { bytes_.append(padding(bytes_.size(), to), '\0'); }

void Writer::number(uint32_t value) {
  align(4);
  bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void Writer::number(uint64_t value) {
  align(8);
  bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void Writer::text(std::string_view value) {
  number(static_cast<uint32_t>(value.size()));
  bytes_.append(value).push_back('\0');
}

void Writer::signature(std::string_view value) {
  byte(static_cast<uint8_t>(value.size()));
  bytes_.append(value).push_back('\0');
}

Writer::Array Writer::begin_array(size_t to) {
  number(uint32_t{0});
  const size_t length_at = bytes_.size() - sizeof(uint32_t);
  align(to); // the padding before the first element does not count
  return {length_at, bytes_.size()};
}

void Writer::end_array(const Array& array) {
  const auto length = static_cast<uint32_t>(bytes_.size() - array.begin);
  memcpy(bytes_.data() + array.length_at, &length, sizeof length);
}

std::string_view Reader::take(size_t count) {
  if (!ok_ || count > bytes_.size() - at_) {
    ok_ = false;
    return {};
  }
  at_ += count;
  return bytes_.substr(at_ - count, count);
}

void Reader::align(size_t to) {
  for (const char c : take(padding(at_, to)))
    if (c != '\0') ok_ = false; // "Alignment": padding must be zero
}

uint8_t Reader::byte() {
  const auto bytes = take(1);
  return bytes.empty() ? 0 : static_cast<uint8_t>(bytes[0]);
}

template <typename T> T Reader::number() {
  align(sizeof(T));
  T value = 0;
  const auto bytes = take(sizeof value);
  if (bytes.empty()) return 0;
  memcpy(&value, bytes.data(), sizeof value);
  return big_endian_ == BIG ? value : std::byteswap(value);
}

uint32_t Reader::number32() { return number<uint32_t>(); }

uint64_t Reader::number64() { return number<uint64_t>(); }

std::string Reader::text() {
  const std::string value(take(number32()));
  if (byte() != 0 || value.find('\0') != value.npos) ok_ = false;
  return ok_ ? value : "";
}

std::string Reader::signature() {
  const std::string value(take(byte()));
  if (byte() != 0 || value.find('\0') != value.npos) ok_ = false;
  return ok_ ? value : "";
}

bool Reader::skip(char type) {
  switch (type) {
  case 'y': byte(); break;
  case 'n':
  case 'q':
    align(2);
    take(2);
    break;
  case 'b':
  case 'i':
  case 'u':
  case 'h': number32(); break;
  case 'x':
  case 't':
  case 'd': number64(); break;
  case 's':
  case 'o': text(); break;
  case 'g': signature(); break;
  default: ok_ = false;
  }
  return ok_;
}

std::string encode_call(const Call& call, uint32_t serial) {
  Writer out;
  out.byte(BIG ? 'B' : 'l');
  out.byte(static_cast<uint8_t>(Type::call));
  out.byte(0); // flags
  out.byte(1); // protocol
  out.number(static_cast<uint32_t>(call.body.size()));
  out.number(serial);
  const Writer::Array fields = out.begin_array(8);
  write_field(out, PATH, "o", call.path);
  write_field(out, DESTINATION, "s", call.destination);
  write_field(out, INTERFACE, "s", call.interface);
  write_field(out, MEMBER, "s", call.member);
  write_field(out, SIGNATURE, "g", call.signature);
  out.end_array(fields);
  out.align(8);
  return out.bytes() + call.body;
}

Result<size_t> message_size(std::string_view prologue) {
  if (prologue.size() < PROLOGUE) return broken("it is too short");
  if (prologue[0] != 'l' && prologue[0] != 'B') return broken("its byte order is unknown");
  if (prologue[3] != 1) return broken("its protocol version is not 1");
  Reader in(prologue, prologue[0] == 'B');
  in.number32();
  const size_t body = in.number32();
  in.number32();
  const size_t fields = in.number32();
  if (body > MOST_BYTES || fields > MOST_BYTES) return broken("it is longer than 1 MiB");
  return PROLOGUE + fields + padding(fields, 8) + body;
}

Result<Message> decode_message(std::string_view bytes) {
  const auto size = message_size(bytes);
  if (!size) return std::unexpected(size.error());
  if (*size != bytes.size()) return broken("it has another length than it says");
  Message out;
  out.big_endian = bytes[0] == 'B';
  Reader in(bytes, out.big_endian);
  in.byte();
  out.type = static_cast<Type>(in.byte());
  in.byte();
  in.byte();
  const size_t body = in.number32();
  out.serial = in.number32();
  const size_t end = PROLOGUE + in.number32();
  while (in.ok() && in.at() < end)
    if (!read_field(in, out)) return broken("a header field is malformed");
  in.align(8);
  if (!in.ok() || in.at() + body != bytes.size()) return broken("a header field is malformed");
  if (out.type == Type{} || out.serial == 0 || !is_complete(out))
    return broken("a header field is missing");
  out.body = bytes.substr(bytes.size() - body);
  return out;
}

} // namespace fairlead::dbus
