"""Addresses: the guides, for everybody, and the programme of an institution."""

from __future__ import annotations

from django.urls import path

from practices.views import catalogue, evidence, practice, programme

app_name = "practices"

catalogue_urlpatterns = [
    path("", catalogue.index, name="index"),
    path("search/", catalogue.search, name="search"),
    path("light-and-heat/steps/", catalogue.steps, name="steps"),
    path("light-and-heat/goals/<str:code>/", catalogue.goal, name="goal"),
    path("light-and-heat/levels/", catalogue.levels, name="levels"),
    path("light-and-heat/accountability/", catalogue.components, name="components"),
    path("light-and-heat/markers/", catalogue.markers, name="markers"),
    path("light-and-heat/values/", catalogue.values, name="values"),
    path("clinic/", catalogue.clinic, name="clinic"),
]

urlpatterns = [
    path("", programme.programme, name="programme"),
    path("cycle/", programme.open_cycle, name="open_cycle"),
    path("steps/<int:number>/", programme.step, name="step"),
    path("steps/<int:number>/move/", programme.move_step, name="move_step"),
    path("goals/<str:code>/", programme.goal, name="goal"),
    path("goals/<str:code>/adopt/", programme.adopt_goal, name="adopt_goal"),
    path("goals/<str:code>/practices/", programme.adopt_practice, name="adopt_practice"),
    path("goals/<str:code>/practices/local/", programme.add_local_practice, name="add_local_practice"),
    path("practices/", practice.practice_list, name="practices"),
    path("practices.csv", practice.practices_csv, name="practices_csv"),
    path("practices/<uuid:pk>/", practice.practice, name="practice"),
    path("practices/<uuid:pk>/update/", practice.post_update, name="post_update"),
    path("practices/<uuid:pk>/assign/", practice.assign, name="assign"),
    path("practices/<uuid:pk>/evidence/file/", evidence.attach_file, name="attach_file"),
    path("practices/<uuid:pk>/evidence/link/", evidence.attach_link, name="attach_link"),
    path("practices/<uuid:pk>/evidence/show/", evidence.show_to, name="show_evidence_to"),
    path("evidence/<uuid:pk>/", evidence.download, name="evidence"),
]
