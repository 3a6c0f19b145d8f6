#ifndef tiles_h
#define tiles_h

// Bytes of a vector, and the tile that fits the registers of a level: 16 of 16 bytes, 16 of 32, 32 of 64.
#define CK_BYTES_base 16
#define CK_BYTES_v3 32
#define CK_BYTES_v4 64
#define CK_ROWS_base 4
#define CK_ROWS_v3 4
#define CK_ROWS_v4 8
#define CK_VECTORS_base 2
#define CK_VECTORS_v3 3
#define CK_VECTORS_v4 3
// The cases of a family's switch over tiles that not every level has.
#define CK_THIRD_base(T, rows)
#define CK_THIRD_v3(T, rows) CK_TILE_CASE(T, rows, 3)
#define CK_THIRD_v4(T, rows) CK_TILE_CASE(T, rows, 3)
#define CK_EIGHT_base(T)
#define CK_EIGHT_v3(T)
#define CK_EIGHT_v4(T) CK_TILES_OF(T, 8)

#endif
