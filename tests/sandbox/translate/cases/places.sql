-- row: "POINT(-122.35 47.62)", 1.5, 2.0
SELECT ST_ASTEXT(ST_GEOGPOINT(-122.35, 47.62)), ST_X(ST_GEOGPOINT(1.5, 2)), ST_Y(ST_GEOGFROMTEXT('POINT(1.5 2)'))
----
-- row: 111195.0, TRUE
SELECT ROUND(ST_DISTANCE(ST_GEOGPOINT(0, 0), ST_GEOGPOINT(1, 0))) AS meters, ST_DWITHIN(ST_GEOGPOINT(0, 0), ST_GEOGPOINT(1, 0), 120000) AS near
----
-- error: Latitude must be between -90 and 90 degrees: 91
SELECT ST_GEOGPOINT(0, 91)
----
-- error: Geographies other than points are not implemented here
SELECT ST_GEOGFROMTEXT('LINESTRING(0 0, 1 1)')
----
-- row: "{ \"type\": \"Point\", \"coordinates\": [1, 2] } ", "POINT(3 4)"
SELECT ST_ASGEOJSON(ST_GEOGPOINT(1, 2)), ST_ASTEXT(ST_GEOGFROMGEOJSON('{"type": "Point", "coordinates": [3, 4]}'))
