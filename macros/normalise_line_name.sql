{#- Name of a form line as the reference lists spell it: half width, no white space, no quotation marks, and without the ordinal
    or 其中 before it (四、公共安全支出, （一）…, 1.…, 其中：…). Ordinals differ between provinces, names do not. -#}
{% macro normalise_line_name(expr) -%}
    regexp_replace(
        translate({{ normalise_printed(expr) }}, '“”"‘’《》', ''),
        '^(?:其中[:,]?|[(][一二三四五六七八九十百0-9]+[)]|[一二三四五六七八九十百]+[、.,]|[0-9]{1,2}[、.,)])+',
        ''
    )
{%- endmacro %}
