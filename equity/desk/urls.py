"""My page, and inside an institution: its home, its people, its history, the progress of its long work."""

from __future__ import annotations

from django.urls import path

from equity.desk import letter_views, units, views

app_name = "desk"
urlpatterns = [
    path("me/", views.me, name="me"),
    path("letters/<str:token>/", letter_views.letters, name="letters"),
    path("o/<slug:institution>/", views.home, name="home"),
    path("o/<slug:institution>/people/", views.people, name="people"),
    path("o/<slug:institution>/units/", units.units, name="units"),
    path("o/<slug:institution>/units/new/", units.add, name="unit_new"),
    path("o/<slug:institution>/units/of/<slug:unit>/", units.unit, name="unit"),
    path("o/<slug:institution>/units/of/<slug:unit>/rename/", units.rename, name="unit_rename"),
    path("o/<slug:institution>/units/of/<slug:unit>/move/", units.move, name="unit_move"),
    path("o/<slug:institution>/units/of/<slug:unit>/close/", units.close, name="unit_close"),
    path("o/<slug:institution>/units/of/<slug:unit>/reopen/", units.reopen, name="unit_reopen"),
    path("o/<slug:institution>/history/", views.history, name="history"),
    path("o/<slug:institution>/history/history.csv", views.history_csv, name="history_csv"),
    path("o/<slug:institution>/jobs/<uuid:pk>/", views.job, name="job"),
]
