import fc from 'fast-check';
import { expect, test } from 'vitest';
import { document, element, parseXml } from '../../../local-aws/s3/xml.ts';

test('parseXml reads any text that element writes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (first, second) => {
      const root = parseXml(document('Root', [element('First', first), element('Second', second)]));
      expect(root?.name).toBe('Root');
      expect(root?.children).toEqual([
        { name: 'First', children: [], text: first },
        { name: 'Second', children: [], text: second },
      ]);
    }),
  );
});

test('parseXml reads the documents of other clients', () => {
  const xml =
    '<?xml version="1.0"?>\n<a xmlns="x">\n <b/><c d="e" />&#x41;&#66;&lt;&quot;&apos;&gt;&amp;amp;</a>';
  expect(parseXml(xml)).toEqual({
    name: 'a',
    children: [
      { name: 'b', children: [], text: '' },
      { name: 'c', children: [], text: '' },
    ],
    text: '\n AB<"\'>&amp;',
  });
});

test.each([
  '',
  'text',
  '<a>',
  '<a></b>',
  '<a></a></a>',
  '<a/><b/>',
  '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
  '<a><![CDATA[x]]></a>',
])('parseXml rejects %j', (xml) => {
  expect(parseXml(xml)).toBeUndefined();
});
